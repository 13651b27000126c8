import { type Columns, kindOf, type Scan, type Schema } from "@mlforge/spec";
import type { AnySource } from "./source.js";
import { portablePath } from "./source-path.js";
import { encodingsOf } from "./time-encoding.js";

/** Creates the scan of a source with the given columns, or all that its files and folders have. Uses relative paths for files below the working directory. */
export function scanOf({ name, format, paths, query, upstream, columns: declared, partitions }: AnySource, columns?: Schema): Scan {
  const portable = paths.map((path) => portablePath(path, process.cwd()));
  return {
    op: "scan",
    source: name,
    format,
    paths: portable,
    ...(query === undefined ? {} : { query: { connector: query.connector.name, ...query.rows } }),
    ...(upstream === undefined ? {} : { feature: upstream.name }),
    ...(columns === undefined ? {} : { columns, ...encodingsOf(declared) }),
    ...(partitions === undefined ? {} : { partitions: schemaFrom(partitions) }),
  };
}

/** Returns the columns that a source declares, those of its folders last. Undefined if the columns of its files must be read first. */
export function declaredColumns({ columns, partitions }: Pick<AnySource, "columns" | "partitions">): Schema | undefined {
  return columns === undefined ? undefined : schemaFrom({ ...columns, ...partitions });
}

/** Converts declared columns to a schema, without the parts that only the source needs. */
export function schemaFrom(columns: Columns): Schema {
  return Object.entries(columns).map(([name, column]) => {
    const { kind, ...details } = kindOf(column);
    return { name, kind, nullable: column.nullable, ...details };
  });
}
