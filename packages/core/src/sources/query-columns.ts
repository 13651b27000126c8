import { MlforgeError, type QueryDescription, type RequestedColumn } from "@mlforge/spec";
import { schemaFrom } from "../define/scan-of.js";
import type { AnySource } from "../define/source.js";
import { queryText, type SourceQuery } from "../define/source-query.js";
import { encodingsOf } from "../define/time-encoding.js";

/** A source that reads a query. */
export type QuerySource = AnySource & { readonly query: SourceQuery };

export function readsQuery(source: AnySource): source is QuerySource {
  return source.query !== undefined;
}

/** Returns the declared columns of a source, as connectors expect them. */
export function requestedColumns({ columns }: AnySource): readonly RequestedColumn[] | undefined {
  if (columns === undefined) return undefined;
  const { encodings = {} } = encodingsOf(columns);
  return schemaFrom(columns).map((column) =>
    Object.hasOwn(encodings, column.name) ? { ...column, encoding: encodings[column.name] } : column,
  );
}

/** Describes the actual columns of a query, regardless of what the source declares. */
export function describeQuery({ name, query, ...source }: QuerySource, signal?: AbortSignal): Promise<QueryDescription> {
  const declared = requestedColumns({ name, query, ...source });
  return query.connector.describe({ source: name, query: query.rows, declared }, { signal });
}

/**
 * Returns the columns to read: the declared columns, or all columns of the query.
 *
 * @throws SCHEMA_MISMATCH if declared columns cannot be read as declared, or if no columns are declared and no column type can hold one of them
 */
export async function columnsToRead(source: QuerySource, signal?: AbortSignal): Promise<readonly RequestedColumn[]> {
  const { columns, unsupported, problems } = await describeQuery(source, signal);
  const declared = requestedColumns(source);
  if (declared !== undefined) {
    refuse(
      source,
      problems.map(({ message }) => message),
    );
    return declared;
  }
  refuse(
    source,
    unsupported.map(({ name, type, advice }) => `no column type can hold "${name}", which is ${type}; ${advice}`),
  );
  return columns;
}

function refuse({ name, query }: QuerySource, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const message = `source "${name}" (${queryText(query)}): ${problems.join("; ")}`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where: `source "${name}"`, problems });
}
