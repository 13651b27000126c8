import type { Columns } from "@mlforge/spec";
import type { AnyFeature, Feature, Transform } from "../define/any-feature.js";
import { definitionSymbol } from "../define/definition-kind.js";
import type { Duration } from "../define/duration.js";
import type { Entity } from "../define/entity.js";
import type { WithJoinKeys } from "../define/join-keys.js";
import type { Misfits, RolledColumns, RollingInput, RollingOver } from "../define/rolling.js";
import type { Source } from "../define/source.js";
import type { Validators } from "../define/validator.js";
import { checkFeature } from "./check-feature.js";

/** What a definition is whose windows aggregate columns that its rows do not have, or not of a fitting kind: not a feature. */
export interface MisfitWindows<A extends PropertyKey> {
  readonly columnMissingOrOfAnotherKind: A;
}

export interface FeatureOptions<
  N extends string,
  C extends Columns,
  S extends string | undefined,
  K extends string,
  Out extends Columns,
  T extends string | null | undefined,
  R,
  J extends string,
> {
  /** Letters, digits and underscores; at most 128. Unique among the features of a project. */
  readonly name: N;
  readonly source: Source<C, S>;
  /** What the rows are about. Give this or `keys`. A key that is made of other columns is a column of the source's rows here. */
  readonly entities?: readonly Entity<K, J, keyof NoInfer<C> & string>[] | undefined;
  /** The columns that tell one row from another, together with the timestamp. Give this or `entities`. */
  readonly keys?: readonly K[] | undefined;
  /**
   * How the rows are made; the rows of the source as they are, unless told.
   *
   * A function is run when the feature is defined and again when it is built: it must give the same relation each time.
   */
  readonly transform?: Transform<WithJoinKeys<C, J>, Out, S> | undefined;
  /** The column that says when a row became known; that of the source if the rows still have it, unless told. `null` for none. */
  readonly timestamp?: T | undefined;
  /**
   * Aggregates over windows of time, one or several. The feature then has a row wherever one of them changes, with its keys, its timestamp and
   * columns named `feature__column__aggregation__every__window`, and no others.
   */
  readonly rolling?: (R & RollingOver<NoInfer<Out>>) | undefined;
  /** How long a row may be used in training sets after it became known: `"30d"`. For ever unless told. */
  readonly ttl?: Duration | undefined;
  /** Says that rows without a timestamp hold what was always so, such as a place's coordinates, and may be joined to any moment. */
  readonly static?: boolean | undefined;
  /**
   * Rules for the rows, or a function that makes them for the row it is given; write it below `transform`, which decides the columns.
   *
   * They are checked before a version is published, and are no part of what it is: changing them alone builds nothing.
   */
  readonly validators?: Validators<NoInfer<OutputColumns<N, Out, K, S, T, R>>> | undefined;
  readonly description?: string | undefined;
  /** To choose features by, for example in `build({ tags })`. */
  readonly tags?: readonly string[] | undefined;
}

/** The output timestamp: the one given, none for null, else that of the source if the output has it. */
type TimestampOf<Out extends Columns, S, T> = T extends string
  ? T
  : T extends null
    ? undefined
    : S extends keyof Out & string
      ? S
      : undefined;

/** The columns of the rows that are published: what windows make of those of the transform. */
type OutputColumns<N extends string, Out extends Columns, K, S, T, R> = string extends keyof Out
  ? Columns
  : RolledColumns<N, Out, K, TimestampOf<Out, S, T>, R>;

/** The feature that a definition makes. */
type Defined<N extends string, K extends string, Out extends Columns, S, T, R> = [Misfits<Out, R>] extends [never]
  ? Feature<N, K, RolledColumns<N, Out, K, TimestampOf<Out, S, T>, R>, TimestampOf<Out, S, T>>
  : MisfitWindows<Misfits<Out, R>>;

/**
 * Rows of values about entities, made from a source.
 *
 * With declared columns everything is checked here; without, when the feature is resolved for a build.
 *
 * @throws DEFINITION_INVALID with everything that is wrong.
 *
 * @example
 * const airportTotal = feature({
 *   name: "airport_total_delay",
 *   source: flights,
 *   keys: ["origin"],
 *   transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ total_delay: delay.sum() })),
 * });
 */
export function feature<
  const N extends string,
  C extends Columns,
  S extends string | undefined,
  const K extends keyof Out & string,
  Out extends Columns,
  J extends string = never,
  const T extends (keyof Out & string) | null | undefined = undefined,
  const R extends RollingInput | undefined = undefined,
>(
  options: FeatureOptions<N, C, S, K, Out, T, R, J> & { readonly transform: Transform<WithJoinKeys<C, J>, Out, S> | undefined },
): Defined<N, K, Out, S, T, R>;
export function feature<
  const N extends string,
  C extends Columns,
  S extends string | undefined,
  const K extends keyof WithJoinKeys<C, J> & string,
  J extends string = never,
  const T extends (keyof WithJoinKeys<C, J> & string) | null | undefined = undefined,
  const R extends RollingInput | undefined = undefined,
>(
  options: FeatureOptions<N, C, S, K, WithJoinKeys<C, J>, T, R, J> & { readonly transform?: undefined },
): Defined<N, K, WithJoinKeys<C, J>, S, T, R>;
export function feature(
  options: FeatureOptions<
    string,
    Columns,
    string | undefined,
    string,
    Columns,
    string | null | undefined,
    RollingInput | undefined,
    string
  >,
): AnyFeature {
  const { name, source, transform, timestamp, validators, description } = options;
  const entities = listOf(options.entities);
  const keys = options.keys === undefined ? [...new Set(entities.flatMap((entity) => listOf(entity?.keys)))] : listOf(options.keys);
  const defined: AnyFeature = {
    [definitionSymbol]: "feature",
    name,
    keys,
    source,
    entities,
    transform,
    timestamp,
    rolling: options.rolling,
    ttl: options.ttl,
    static: options.static ?? false,
    validators,
    description,
    tags: listOf(options.tags),
  };
  checkFeature(defined, options);
  return defined;
}

/** Definitions are also loaded unchecked; what is no list is reported by {@link checkFeature}. */
function listOf<T>(given: readonly T[] | undefined): readonly T[] {
  return Array.isArray(given) ? given : [];
}
