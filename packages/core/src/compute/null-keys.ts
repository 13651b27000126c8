import { fileURLToPath } from "node:url";
import { parquetFooter } from "../sources/parquet-footer.js";
import { schemeOf } from "../sources/remotes.js";

/**
 * Returns true if the footers of Parquet files prove that no row has a null in these columns: each row group states zero nulls for each of them.
 *
 * Returns false if a file is not local, cannot be read, or does not state it.
 */
export async function haveNoNulls(urls: readonly string[], columns: readonly string[], signal?: AbortSignal): Promise<boolean> {
  for (const url of urls) {
    if (schemeOf(url) !== "file" || !(await hasNoNulls(fileURLToPath(url), columns, signal))) return false;
  }
  return true;
}

async function hasNoNulls(path: string, columns: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  const footer = await parquetFooter(path, signal).catch(() => undefined);
  signal?.throwIfAborted();
  if (footer === undefined) return false;
  return footer.row_groups.every(({ columns: chunks }) => {
    const nulls = new Map(chunks.map(({ meta_data }) => [JSON.stringify(meta_data?.path_in_schema), meta_data?.statistics?.null_count]));
    return columns.every((name) => nulls.get(JSON.stringify([name])) === 0n);
  });
}
