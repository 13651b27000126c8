/** The column types, by name. Timestamps are microseconds, UTC. */
export const columnKinds = [
  "string",
  "boolean",
  "int32",
  "int64",
  "float32",
  "float64",
  "decimal",
  "timestamp",
  "date",
  "bytes",
  "time",
  "json",
  "list",
  "vector",
  "struct",
] as const;

export type ColumnKind = (typeof columnKinds)[number];

/** Kinds that contain other columns, so a name alone does not describe them. */
export type NestedKind = "list" | "vector" | "struct";

/** Kinds that a name alone describes, except for the digits of decimals. */
export type ScalarKind = Exclude<ColumnKind, NestedKind>;

/** The type of the numbers of a vector. */
export type VectorElement = "float32" | "float64";

/**
 * The type of a column: its kind, whether it can hold nulls, and the details of its kind.
 *
 * `D` describes the contents of a nested kind: the column of a list's elements, the {@link VectorElement} of a vector, the {@link Columns} of a struct.
 */
export interface Column<K extends ColumnKind = ColumnKind, N extends boolean = boolean, D = unknown> {
  readonly kind: K;
  readonly nullable: N;
  /** Decimals only: total digits, 1 to 38. */
  readonly precision?: number | undefined;
  /** Decimals only: digits after the point, 0 to `precision`. */
  readonly scale?: number | undefined;
  /** Lists only: the column of the elements. */
  readonly of?: Column | undefined;
  /** Vectors only: the number of numbers in each value, from 1 to 100,000. */
  readonly length?: number | undefined;
  /** Vectors only: the type of the numbers. None of them is null. */
  readonly element?: VectorElement | undefined;
  /** Structs only: one or more fields, in order, with unique names. */
  readonly fields?: Schema | undefined;
  /** Carries `D` through the type system. Never set. */
  readonly detail?: D | undefined;
}

/** Columns by name, in order. */
export type Columns = Readonly<Record<string, Column>>;

/** A column with its name. */
export interface NamedColumn extends Column {
  readonly name: string;
}

/** The columns of a relation, in order. Names are unique. */
export type Schema = readonly NamedColumn[];

/** Maps each kind to its JavaScript type, without null. */
export interface ValueOf {
  readonly string: string;
  readonly boolean: boolean;
  readonly int32: number;
  readonly int64: number;
  readonly float32: number;
  readonly float64: number;
  readonly decimal: string;
  readonly timestamp: Date;
  readonly date: Date;
  readonly bytes: Uint8Array;
  /** `HH:MM:SS.ffffff`. */
  readonly time: string;
  /** JSON text as written, so numbers keep all digits. */
  readonly json: string;
  readonly list: readonly CellValue[];
  readonly vector: Float32Array | Float64Array;
  readonly struct: { readonly [field: string]: CellValue };
}

/** Any value of a row in JavaScript. Large integers and exact timestamps are bigints if the caller requests it. */
export type CellValue =
  | ValueOf[Exclude<ColumnKind, "list" | "struct">]
  | bigint
  | null
  | readonly CellValue[]
  | { readonly [field: string]: CellValue };

/** The JavaScript type of a column, without null. */
export type ValueIn<C extends Column> = C["kind"] extends NestedKind ? NestedValue<C> : ValueOf[C["kind"]];

type NestedValue<C extends Column> =
  C extends Column<"list", boolean, infer D extends Column>
    ? readonly CellOf<D>[]
    : C extends Column<"vector", boolean, infer D extends VectorElement>
      ? VectorValues[D]
      : C extends Column<"struct", boolean, infer D extends Columns>
        ? Row<D>
        : ValueOf[C["kind"]];

interface VectorValues {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/** The JavaScript type of a column. */
export type CellOf<C extends Column> = ValueIn<C> | (C["nullable"] extends false ? never : null);

/** A row of the given columns as a JavaScript object. */
export type Row<C extends Columns> = { -readonly [K in keyof C]: CellOf<C[K]> } & {};
