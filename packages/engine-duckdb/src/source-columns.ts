import type { Kind } from "@mlforge/sql";

/** A column of a file, with its kind if there is one for its type. */
export interface SourceColumn {
  readonly name: string;
  /** DuckDB's name of the type. */
  readonly type: string;
  readonly kind: Kind | undefined;
}
