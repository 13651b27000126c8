/** The kinds of value a feature column can hold. Timestamps are microseconds, UTC. */
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

/** The kinds that are made of other columns, and so need more than their name. */
export type NestedKind = "list" | "vector" | "struct";

/** The kinds a name alone tells, decimals apart from their digits. */
export type ScalarKind = Exclude<ColumnKind, NestedKind>;

/** What the numbers of a vector can be. */
export type VectorElement = "float32" | "float64";

/**
 * The type of a column: its kind, whether it may hold nulls, and what its kind needs beside that.
 *
 * `D` is what a nested kind is made of: the column of the elements of a list, the {@link VectorElement} of a vector, the {@link Columns} of a struct.
 */
export interface Column<K extends ColumnKind = ColumnKind, N extends boolean = boolean, D = unknown> {
  readonly kind: K;
  readonly nullable: N;
  /** Decimals only: total digits, 1 to 38. */
  readonly precision?: number | undefined;
  /** Decimals only: digits after the point, 0 to `precision`. */
  readonly scale?: number | undefined;
  /** Lists only: what each element is. */
  readonly of?: Column | undefined;
  /** Vectors only: how many numbers each value has, from 1 to 100,000. */
  readonly length?: number | undefined;
  /** Vectors only: what each number is. None of them is null. */
  readonly element?: VectorElement | undefined;
  /** Structs only: at least one, in order, with unique names. */
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

/** What a value of each kind is in JavaScript, where it is not null. */
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
  /** JSON text as it was written, so that no number in it loses digits. */
  readonly json: string;
  readonly list: readonly CellValue[];
  readonly vector: Float32Array | Float64Array;
  readonly struct: { readonly [field: string]: CellValue };
}

/** Any value of a row in JavaScript. Large integers and exact moments are bigints where they are asked for. */
export type CellValue =
  | ValueOf[Exclude<ColumnKind, "list" | "struct">]
  | bigint
  | null
  | readonly CellValue[]
  | { readonly [field: string]: CellValue };

/** What a value of a column is in JavaScript, nulls aside. */
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

/** What a value of a column is in JavaScript. */
export type CellOf<C extends Column> = ValueIn<C> | (C["nullable"] extends false ? never : null);

/** A row of the given columns as a JavaScript object. */
export type Row<C extends Columns> = { -readonly [K in keyof C]: CellOf<C[K]> } & {};
