import type { Columns } from "@mlforge/spec";
import type { AnyFeature, Feature, Transform } from "../define/any-feature.js";
import { definitionSymbol } from "../define/definition-kind.js";
import type { Duration } from "../define/duration.js";
import type { Entity } from "../define/entity.js";
import { sourceGiven } from "../define/feature-source.js";
import type { WithDerivedKeys, WithJoinKeys } from "../define/join-keys.js";
import type { Partition } from "../define/partition.js";
import type { Readable } from "../define/readable.js";
import type { CheckedRolling, RolledColumns, RollingInput, RollingShape } from "../define/rolling.js";
import type { AnySource } from "../define/source.js";
import type { MlforgeTypeError, Quoted, Suggestion } from "../define/type-error.js";
import type { CheckedValidators, ValidatorsOf } from "../define/validator.js";
import { checkFeature } from "./check-feature.js";

export interface FeatureOptions<
  N extends string,
  C extends Columns,
  S extends string | undefined,
  K extends string,
  Out extends Columns,
  T extends string | null | undefined,
  R,
  J extends string,
  Rows extends Columns,
  W extends string,
> {
  /** Letters, digits and underscores; at most 128. Unique among the features of a project. */
  readonly name: N;
  /** The source to compute it from, or another feature, whose latest version is read. */
  readonly source: Readable<C, S>;
  /** The entities that the rows describe. Required unless `keys` is given. A key derived from other columns is available as a column of the source. */
  readonly entities?: readonly Entity<K, J, keyof NoInfer<C> & string>[] | undefined;
  /** The columns that, with the timestamp, identify a row. Required unless `entities` is given. */
  readonly keys?: readonly K[] | undefined;
  /**
   * Computes the rows from the source. Defaults to the rows of the source.
   *
   * A function runs when the feature is defined and again when it is built. It must return the same relation each time.
   */
  readonly transform?: Transform<WithJoinKeys<C, J>, Out, S> | undefined;
  /** The column that says when a row became known. Defaults to the timestamp of the source if the rows still have it. `null` means none. */
  readonly timestamp?: T | undefined;
  /**
   * One or more aggregates over time windows. The feature then has a row whenever one of them changes. Its only columns are the keys, the timestamp,
   * and the aggregates, named `feature__column__aggregation__every__window`.
   */
  readonly rolling?: (R & CheckedRolling<Rows, R>) | undefined;
  /** How long training sets can use a row after it became known: `"30d"`. Defaults to forever. */
  readonly ttl?: Duration | undefined;
  /** Declares that rows without a timestamp are valid at any time, such as the coordinates of a place. Defaults to false. */
  readonly static?: boolean | undefined;
  /**
   * Rules for the rows, or a function that returns rules for the row it is given. Write it below `transform`, so that TypeScript infers the columns.
   *
   * A build checks the rules before it publishes a version. Rules are not part of a version: changing only them builds nothing.
   */
  readonly validators?:
    | (CheckedValidators<W, OutputColumns<N, Rows, K, S, T, R>> & ValidatorsOf<W, NoInfer<OutputColumns<N, Rows, K, S, T, R>>>)
    | undefined;
  /**
   * Divides each version into calendar periods in UTC, with one file for each: `"day"`, `"week"`, `"month"`, or `"year"`. A build then computes only the
   * periods that new, changed, or removed source rows can affect. Needs a timestamp. By default, a version is not divided.
   */
  readonly partition?: Partition | undefined;
  readonly description?: string | undefined;
  /** Words to select features by, for example in `build({ tags })`. */
  readonly tags?: readonly string[] | undefined;
}

/** The output timestamp: the given one, none for null, otherwise the timestamp of the source if the output has it. */
type TimestampOf<Out extends Columns, S, T> = T extends string
  ? T
  : T extends null
    ? undefined
    : S extends keyof Out & string
      ? S
      : undefined;

/** The columns of the published rows: those of the transform, or the aggregates if there are windows. */
type OutputColumns<N extends string, Out extends Columns, K, S, T, R> = string extends keyof Out
  ? Columns
  : RolledColumns<N, Out, K, TimestampOf<Out, S, T>, R>;

/** The rows before windows: those of the transform, or those of the source if `transform` is not among the options `P`. */
type RowsIn<C extends Columns, J extends string, Out extends Columns, P> = "transform" extends P ? Out : WithJoinKeys<C, J>;

/**
 * The names of the given options. TypeScript infers them before it looks at the functions among the options, so that it knows whether there is a
 * transform.
 */
type GivenOptions<P extends string> = {
  readonly [A in P]?: A extends OptionName
    ? unknown
    : MlforgeTypeError<`feature() has no option ${Quoted<A>}; ${Suggestion<A, OptionName>}`>;
} & ([P & ("keys" | "entities")] extends [never] ? { readonly name: MlforgeTypeError<NoKeys> } : unknown);

type NoKeys = "feature() needs keys, the columns that identify a row: keys: ['user'], or entities";

type OptionName = keyof FeatureOptions<string, Columns, undefined, string, Columns, undefined, undefined, string, Columns, string>;

/**
 * Defines a feature: rows of values about entities, computed from a source.
 *
 * Checks everything now if all columns are declared, otherwise when a build reads the columns of the source.
 *
 * @throws DEFINITION_INVALID, which lists every problem
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
  const K extends keyof RowsIn<C, J, Out, P> & string,
  Out extends Columns,
  P extends string,
  W extends string,
  J extends string = never,
  const T extends (keyof RowsIn<C, J, Out, P> & string) | null | undefined = undefined,
  const R extends RollingShape | readonly RollingShape[] | undefined = undefined,
>(
  options: FeatureOptions<N, C, S, K, Out, T, R, J, RowsIn<C, J, Out, P>, W> & GivenOptions<P>,
): Feature<
  N,
  K,
  WithDerivedKeys<RolledColumns<N, RowsIn<C, J, Out, P>, K, TimestampOf<RowsIn<C, J, Out, P>, S, T>, R>, J>,
  TimestampOf<RowsIn<C, J, Out, P>, S, T>
>;
export function feature(
  options: FeatureOptions<
    string,
    Columns,
    string | undefined,
    string,
    Columns,
    string | null | undefined,
    RollingInput | undefined,
    string,
    Columns,
    string
  >,
): AnyFeature {
  const { name, transform, timestamp, validators, description } = options;
  const entities = listOf(options.entities);
  const keys = options.keys === undefined ? [...new Set(entities.flatMap((entity) => listOf(entity?.keys)))] : listOf(options.keys);
  const defined: Omit<AnyFeature, "upstreams" | "output"> = {
    [definitionSymbol]: "feature",
    name,
    keys,
    // What is neither a source nor a feature is reported with the other problems.
    source: sourceGiven(options.source) ?? (options.source as AnySource),
    entities,
    transform,
    timestamp,
    rolling: options.rolling,
    ttl: options.ttl,
    static: options.static ?? false,
    validators,
    partition: options.partition,
    description,
    tags: listOf(options.tags),
  };
  return { ...defined, ...checkFeature({ ...defined, upstreams: [], output: undefined }, options) };
}

/** Definitions can be unchecked JavaScript. {@link checkFeature} reports values that are not arrays. */
function listOf<T>(given: readonly T[] | undefined): readonly T[] {
  return Array.isArray(given) ? given : [];
}
