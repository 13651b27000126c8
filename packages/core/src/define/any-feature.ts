import type { Column, Columns, Row, Schema } from "@mlforge/spec";
import type { BatchesTransform } from "./batches-transform.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import type { Duration } from "./duration.js";
import type { AnyEntity } from "./entity.js";
import type { HasColumns } from "./has-columns.js";
import type { Partition } from "./partition.js";
import type { Readable } from "./readable.js";
import type { From, Relation } from "./relation.js";
import type { Time } from "./relation-time.js";
import type { RollingInput } from "./rolling.js";
import type { AnySource, Upstream } from "./source.js";
import type { SqlTransform } from "./sql-transform.js";
import type { Validators } from "./validator.js";

declare const timestampOf: unique symbol;

/** Rows of values about entities. `N` is its name, `K` its keys, `C` its columns (keys and timestamp included), `T` its timestamp column. */
export interface Feature<N extends string, K extends string, C extends Columns, T extends string | undefined>
  extends HasColumns<C>,
    Readable<C, T> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "feature">;
  /** Exists only in the type. The timestamp is known when the columns are. */
  readonly [timestampOf]?: T;
  readonly name: N;
  readonly keys: readonly K[];
  readonly source: AnySource;
  /** The other features that it reads, as far as its definition alone determines them. */
  readonly upstreams: readonly Upstream[];
  /** Its columns and timestamp, if its definition alone determines them. */
  readonly output: FeatureOutput | undefined;
  /** The entities that define its keys. Empty if `keys` was given. */
  readonly entities: readonly AnyEntity[];
  readonly transform: Transform | undefined;
  /** The declared timestamp: a column, null for none, or undefined for the timestamp of the source. */
  readonly timestamp: string | null | undefined;
  readonly rolling: RollingInput | undefined;
  /** How long training sets can use a row after it became known. Undefined means forever. */
  readonly ttl: Duration | undefined;
  /** True if rows without a timestamp are valid at any time. */
  readonly static: boolean;
  readonly validators: Validators | undefined;
  /** The calendar periods, in UTC, that its versions are divided into. Undefined if they are not divided. */
  readonly partition: Partition | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
}

/** The rows of a feature, as its definition determines them. */
export interface FeatureOutput {
  readonly columns: Schema;
  readonly timestamp: string | undefined;
}

/** Any feature. */
export type AnyFeature = Feature<string, string, Columns, string | undefined>;

/** Computes a feature from its source: a function over the typed relation, a query, or a function over batches. */
export type Transform<C extends Columns = Columns, Out extends Columns = Columns, S extends Time = Time> =
  | ((rows: Relation<C, S>, from: From) => Relation<Out>)
  | SqlTransform<Out>
  | BatchesTransform<Out>;

/** A row of a feature: its keys and its timestamp, which are never null, and its values. */
export type RowOf<F> =
  F extends Feature<string, infer K, infer C, infer T>
    ? Row<{ readonly [A in keyof C]: A extends K | T ? Column<C[A]["kind"], false> : C[A] }>
    : never;

export function isFeature(candidate: unknown): candidate is AnyFeature {
  return isDefinition(candidate, "feature");
}
