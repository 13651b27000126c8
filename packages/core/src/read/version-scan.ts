import { columnTypeOf, findColumn, type Scan, type Store } from "@mlforge/spec";
import { dataKey } from "../log/keys.js";
import type { VersionMetadata } from "../log/metadata.js";

/** Returns a scan of the named columns of a published version, for an engine. */
export function versionScan(store: Store, { name, version, files, columns }: VersionMetadata, names: readonly string[]): Scan {
  const paths = files.map((file) => store.locate(dataKey(name, version, file.path)));
  const kept = [...new Set(names)].map((column) => findColumn(column, columns, `${name} ${version}`));
  return {
    op: "scan",
    source: name,
    format: { kind: "parquet" },
    paths,
    columns: kept.map((column) => ({ name: column.name, ...columnTypeOf(column) })),
    trusted: true,
  };
}
