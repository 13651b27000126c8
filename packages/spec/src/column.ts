/** The kinds of value a feature column can hold. Timestamps are microseconds, UTC. */
export const columnKinds = ["string", "boolean", "int32", "int64", "float32", "float64", "decimal", "timestamp", "date", "bytes"] as const;

export type ColumnKind = (typeof columnKinds)[number];

/** The type of a column: its kind, whether it may hold nulls, and for decimals the number of digits. */
export interface Column<K extends ColumnKind = ColumnKind, N extends boolean = boolean> {
  readonly kind: K;
  readonly nullable: N;
  /** Decimals only: total digits, 1 to 38. */
  readonly precision?: number | undefined;
  /** Decimals only: digits after the point, 0 to `precision`. */
  readonly scale?: number | undefined;
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
}

/** A row of the given columns as a JavaScript object. */
export type Row<C extends Columns> = {
  -readonly [K in keyof C]: ValueOf[C[K]["kind"]] | (C[K]["nullable"] extends false ? never : null);
} & {};
