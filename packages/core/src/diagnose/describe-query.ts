import type { NamedColumn, QueryDescription, RequestedColumn } from "@mlforge/spec";
import { columnsToRead, describeQuery, type QuerySource, requestedColumns } from "../sources/query-columns.js";
import type { ColumnDifference, DescribedSource } from "./described-source.js";

/**
 * Describes a source by its query, without reading rows.
 * @throws SCHEMA_MISMATCH if it declares no columns and no column type can hold one of them
 */
export async function describeQuerySource(source: QuerySource, signal: AbortSignal | undefined): Promise<DescribedSource> {
  const declared = requestedColumns(source);
  if (declared === undefined) {
    const columns = await columnsToRead(source, signal);
    return { source: source.name, declares: false, columns, differences: [], omitted: [], passed: true };
  }
  const description = await describeQuery(source, signal);
  const found = description.columns;
  const compared = declared.flatMap((column) => compare(column, description));
  const fails = new Set(description.problems.map(({ column }) => column));
  const read = new Map(declared.filter(({ name }) => !fails.has(name)).map((column) => [column.name, column]));
  const also = declared.filter(({ name }) => !fails.has(name) && !found.some((column) => column.name === name));
  const extra = found.filter(({ name }) => !declared.some((column) => column.name === name));
  return {
    source: source.name,
    declares: true,
    columns: [...found.map((column) => read.get(column.name) ?? column), ...also],
    differences: [
      ...compared,
      ...extra.map((each) => ({ column: each.name, difference: "extra", declared: undefined, found: each, message: undefined }) as const),
    ],
    omitted: [],
    passed: fails.size === 0,
  };
}

/** Returns how the database has a declared column, if that differs from the declaration. */
function compare(declared: RequestedColumn, { columns, unsupported, problems }: QueryDescription): readonly ColumnDifference[] {
  const found = columns.find(({ name }) => name === declared.name);
  const message = problems.find(({ column }) => column === declared.name)?.message;
  if (message === undefined && found !== undefined && isSame(declared, found)) return [];
  const exists = found !== undefined || unsupported.some(({ name }) => name === declared.name);
  const difference = message === undefined ? "read_as" : exists ? "kind" : "missing";
  return [{ column: declared.name, difference, declared, found, message }];
}

function isSame(one: NamedColumn, other: NamedColumn): boolean {
  return one.kind === other.kind && one.precision === other.precision && one.scale === other.scale;
}
