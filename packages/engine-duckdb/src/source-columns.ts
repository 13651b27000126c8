import type { Kind } from "@mlforge/sql";

/** A column of a file: what holds it, or nothing where its type has no kind. */
export interface SourceColumn {
  readonly name: string;
  /** DuckDB's own name of the type. */
  readonly type: string;
  readonly kind: Kind | undefined;
}
