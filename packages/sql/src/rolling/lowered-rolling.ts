import type { Kind, PartialAggregate, RollingFunction } from "@mlforge/spec";

/**
 * A rolling aggregate as tables and windows, which any SQL engine can compute. Plain data: names are those of tables and columns in the query.
 *
 * 1. {@link tiles}, for each `every`: one row per key and tile, with its parts and its end `b` in microseconds.
 * 2. `changes`: one row per key and time at which a tile enters or leaves a window, with the parts of the tiles that enter.
 *    For {@link aggregates}, also every row of {@link events}, which is left out again once the windows were computed.
 * 3. `framed`: {@link windows} over `changes` merge the parts. The tiles with `b` in `(now - window, now]` are those within `[now - window, now)`,
 *    both at a boundary and between two.
 * 4. {@link deviations}: for each, a table of the rows of `framed` where rounding costs too many digits.
 * 5. {@link outputs}, from the merged parts.
 */
export interface LoweredRolling {
  readonly keys: readonly RenamedColumn[];
  /** The column of the input with the times of its rows, and that of the output. */
  readonly timestamp: string;
  readonly tiles: readonly Tiles[];
  /** The columns of `framed` with the first mean of each key that is not null. Empty unless there are deviations. */
  readonly pivots: readonly { readonly name: string; readonly mean: string }[];
  /** `length` is absent for a window without a beginning. */
  readonly windows: readonly { readonly name: string; readonly length?: string | undefined }[];
  /** For each `every`, the values of single rows with the end `b` of their tile. Empty unless there are aggregates. */
  readonly events: readonly Events[];
  /** The columns of `framed` that aggregate the values of events, because tiles cannot keep what they need. */
  readonly aggregates: readonly WindowAggregate[];
  readonly merges: readonly Merge[];
  readonly deviations: readonly Deviation[];
  readonly outputs: readonly { readonly name: string; readonly kind: Kind; readonly value: RollingValue }[];
}

/** A column of the input, and its name in the query, because users' names could clash with other columns. */
export interface RenamedColumn {
  readonly column: string;
  readonly name: string;
}

/** The tiles of one length. */
export interface Tiles {
  readonly name: string;
  /** The length in microseconds. */
  readonly every: string;
  readonly columns: readonly RenamedColumn[];
  readonly parts: readonly TilePart[];
  /** The lengths of the windows that the tiles leave. */
  readonly windows: readonly string[];
}

/** The rows of the input with the end of the tile of length `every` that each is in. */
export interface Events {
  readonly name: string;
  readonly every: string;
  readonly columns: readonly (RenamedColumn & { readonly kind: Kind })[];
}

/** An aggregate over the events of a window. `input` and `by` are columns of {@link Events}. */
export interface WindowAggregate {
  readonly name: string;
  readonly window: string;
  readonly function: RollingFunction;
  readonly input: string;
  readonly of: Kind;
  readonly by?: string | undefined;
  readonly byKind?: Kind | undefined;
  readonly quantile?: number | undefined;
  readonly limit?: number | undefined;
  readonly descending?: boolean | undefined;
  readonly edges?: readonly number[] | undefined;
  readonly result: Kind;
}

/** A part of a tile, computed from the values of a column. */
export interface TilePart {
  readonly name: string;
  readonly value: string;
  readonly compute: PartialAggregate["compute"];
  /** True if values that are not finite are left out. */
  readonly onlyFinite: boolean;
  /** The kind of the values. */
  readonly of: Kind;
  /** The kind of the part. */
  readonly kind: Kind;
}

/**
 * A column of `framed` that merges a part of the tiles in a window.
 *
 * `distance` is the sum of the distances of the values to the pivot, and `squaredDistance` that of the squared distances of the tiles' means,
 * each weighted by its count.
 */
export type Merge = { readonly name: string; readonly window: string } & (
  | { readonly by: "sum"; readonly part: string; readonly of: Kind }
  | { readonly by: "min" | "max" | "any" | "concatenate"; readonly part: string }
  | ({ readonly by: "distance" | "squaredDistance" } & Distance)
);

interface Distance {
  readonly count: string;
  readonly mean: string;
  readonly pivot: string;
}

/** The value of an output, from columns of `framed`. */
export type RollingValue =
  | { readonly is: "count"; readonly count: string }
  | { readonly is: "sum"; readonly total: string; readonly of: Kind }
  | { readonly is: "mean"; readonly total: string; readonly count: string }
  | { readonly is: "extreme"; readonly part: string }
  | { readonly is: "median"; readonly values: string }
  | { readonly is: "aggregate"; readonly aggregate: string }
  | { readonly is: "deviation"; readonly deviation: Deviation };

/**
 * A sample standard deviation.
 *
 * Windows slide, so a window cannot merge means one by one. It adds powers of their distances to a pivot, the first mean of the key, from which `m2`
 * follows. If the pivot is so far away that the digits of the deviation are lost, the table `exact` has the sum of the squared distances to the mean
 * of the window itself, over `tiles`.
 */
export interface Deviation {
  readonly exact: string;
  readonly tiles: string;
  /** The length of the window in microseconds. Absent if it has no beginning. */
  readonly length?: string | undefined;
  readonly tile: { readonly count: string; readonly mean: string };
  readonly pivot: string;
  readonly count: string;
  readonly least: string;
  readonly greatest: string;
  readonly m2: string;
  readonly distance: string;
  readonly squaredDistance: string;
  /** Absent if every value is finite. */
  readonly hasNonFinite?: string | undefined;
}
