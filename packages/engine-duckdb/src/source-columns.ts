import type { Scan } from "@mlforge/spec";
import { duckdb, type Kind } from "@mlforge/sql";
import { columnKind } from "./column-kind.js";
import { describeRelation } from "./describe-relation.js";
import type { Session } from "./session.js";

/** A column of a file: what holds it, or nothing where its type has no kind. */
export interface SourceColumn {
  readonly name: string;
  /** DuckDB's own name of the type. */
  readonly type: string;
  readonly kind: Kind | undefined;
}

/** The columns of the one Parquet file of a scan, whatever the scan declares and its folders are called. */
export async function sourceColumns(scan: Scan, session: Session): Promise<readonly SourceColumn[]> {
  const columns = await describeRelation(duckdb.source({ ...scan, columns: undefined, partitions: undefined }), session);
  return columns.map(({ name, type }) => ({ name, type, kind: columnKind(type) }));
}
