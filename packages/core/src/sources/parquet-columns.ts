import { MlforgeError, type Schema } from "@mlforge/spec";
import type { SchemaElement } from "hyparquet";
import { parquetFooter } from "./parquet-footer.js";
import { parquetKind, type SchemaNode } from "./parquet-kind.js";

/** The columns of a Parquet file, according to its footer. */
export interface ParquetColumns {
  /** The columns that a column type can hold, as an engine describes them: each of them can be null. */
  readonly columns: Schema;
  /** The other columns, such as intervals and times of day with a zone. */
  readonly omitted: readonly { readonly name: string; readonly type: string }[];
}

/**
 * Returns the columns of a local Parquet file. Reads only its footer and needs no engine.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE
 *
 * @example
 * const { columns } = await parquetColumns("data/flights.parquet");
 * console.log(columns.map(({ name, kind }) => `${name}: ${kind}`)); // [ "date: timestamp", "delay: int64", ... ]
 */
export async function parquetColumns(
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ParquetColumns> {
  const columns = [];
  const omitted = [];
  const found = await readColumns(path, signal);
  for (const column of found) {
    const { name } = column.element;
    const kind = parquetKind(column);
    if (name === "") omitted.push({ name, type: "a column without a name" });
    else if (typeof kind === "string") omitted.push({ name, type: kind });
    // Engines do not distinguish `a` from `A`.
    else if (found.some((other) => other !== column && other.element.name.toLowerCase() === name.toLowerCase()))
      omitted.push({ name, type: "one of several columns of this name" });
    else columns.push({ name, ...kind, nullable: true });
  }
  return { columns, omitted };
}

async function readColumns(path: string, signal: AbortSignal | undefined): Promise<readonly SchemaNode[]> {
  signal?.throwIfAborted();
  try {
    const { schema } = await parquetFooter(path, signal);
    return topLevel(schema);
  } catch (error) {
    signal?.throwIfAborted();
    const details = { source: path, path };
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new MlforgeError("SOURCE_NOT_FOUND", `there is no file at "${path}"`, details, { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    throw new MlforgeError("SOURCE_UNREADABLE", `"${path}" cannot be read as Parquet: ${why}`, details, { cause: error });
  }
}

/** Returns the columns of a schema. A Parquet schema is a tree in depth-first order, root first, and each element has a number of children. */
function topLevel(schema: readonly SchemaElement[]): readonly SchemaNode[] {
  const [root, ...others] = schema;
  const rest = others.values();
  const read = (count: number, depth: number): readonly SchemaNode[] => {
    if (depth > deepest) throw new Error(`its columns are nested more than ${deepest} levels deep`);
    return Array.from({ length: count }, () => {
      const { value: element } = rest.next();
      if (element === undefined) throw new Error("the schema in its footer is truncated");
      return { element, children: read(element.num_children ?? 0, depth + 1) };
    });
  };
  return read(root?.num_children ?? 0, 0);
}

/** Deeper than any real data, but small enough for the stack. */
const deepest = 200;
