import { type Columns, kindOf, type Scan, type Schema } from "@mlforge/spec";
import type { AnySource } from "./source.js";
import { portablePath } from "./source-path.js";
import { encodingsOf } from "./time-encoding.js";

/** Reading a source: the given columns, or all that its files and folders have. Files below the working directory are named relative to it. */
export function scanOf({ name, format, paths, query, columns: declared, partitions }: AnySource, columns?: Schema): Scan {
  const portable = paths.map((path) => portablePath(path, process.cwd()));
  return {
    op: "scan",
    source: name,
    format,
    paths: portable,
    ...(query === undefined ? {} : { query: { connector: query.connector.name, ...query.rows } }),
    ...(columns === undefined ? {} : { columns, ...encodingsOf(declared) }),
    ...(partitions === undefined ? {} : { partitions: schemaFrom(partitions) }),
  };
}

/** The columns that a source declares, those of its folders last; undefined where those of its files have to be found. */
export function declaredColumns({ columns, partitions }: Pick<AnySource, "columns" | "partitions">): Schema | undefined {
  return columns === undefined ? undefined : schemaFrom({ ...columns, ...partitions });
}

/** Declared columns as a schema, without what only their source needs to know. */
export function schemaFrom(columns: Columns): Schema {
  return Object.entries(columns).map(([name, column]) => {
    const { kind, ...details } = kindOf(column);
    return { name, kind, nullable: column.nullable, ...details };
  });
}
