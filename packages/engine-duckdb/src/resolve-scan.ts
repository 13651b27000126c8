import { MlforgeError, partitionPattern, type Scan, type Schema } from "@mlforge/spec";
import type { NativeColumn } from "./describe-relation.js";
import type { SourceFile } from "./engine-error.js";
import { localPath, withoutPattern } from "./local-path.js";
import { resolveParquet } from "./resolve-parquet.js";
import { resolveCsv, resolveNdjson } from "./resolve-text.js";
import type { Session } from "./session.js";

/** A scan that DuckDB can read: its columns are stated and found in every file, and its paths are in DuckDB's form. */
export interface ResolvedScan {
  readonly scan: Scan;
  readonly unsupported: readonly NativeColumn[];
  readonly sources: readonly SourceFile[];
}

/** Resolves a scan. @throws SOURCE_UNREADABLE, SCHEMA_MISMATCH with all problems of all files, CAPABILITY_MISSING */
export async function resolveScan(scan: Scan, session: Session): Promise<ResolvedScan> {
  const { partitions = [] } = scan;
  const paths = scan.paths.map(localPath);
  if (partitions.length > 0) for (const path of paths) expectFolders(scan, path);
  const {
    scan: resolved,
    unsupported,
    reads,
    scanOfFile,
  } = await resolveFiles({ ...scan, columns: scan.columns && without(scan.columns, partitions), partitions: undefined }, paths, session);
  const layouts = new Map(resolved.layouts?.flatMap((layout) => layout.paths.map((path) => [path, layout] as const)));
  const scanOf = (read: string, index: number): Scan => {
    const layout = layouts.get(read);
    return scanOfFile?.(index) ?? { ...resolved, paths: [read], layouts: layout && [{ ...layout, paths: [read] }] };
  };
  const sources = paths.map((path, index): SourceFile => {
    const read = reads[index] ?? path;
    return {
      source: scan.source,
      path,
      read: withoutPattern(read),
      // Only errors need it, and a scan can have thousands of files.
      get scan() {
        return scanOf(read, index);
      },
    };
  });
  if (partitions.length === 0) return { scan: resolved, unsupported, sources };
  const columns = scan.columns ?? [...without(resolved.columns ?? [], partitions), ...partitions];
  return { scan: { ...resolved, columns, partitions }, unsupported: without(unsupported, partitions), sources };
}

/** Returns the columns that are in files. DuckDB does not distinguish `a` from `A`, so a folder name matches both. */
function without<C extends { readonly name: string }>(columns: readonly C[], partitions: Schema): readonly C[] {
  const names = new Set(partitions.map(({ name }) => name.toLowerCase()));
  return columns.filter(({ name }) => !names.has(name.toLowerCase()));
}

function expectFolders({ source, partitions = [] }: Scan, path: string): void {
  for (const { name } of partitions) {
    if (new RegExp(`[/\\\\]${partitionPattern(name)}[/\\\\]`).test(path)) continue;
    const message = `source "${source}": ${path} is in no folder ${name}=...; correct the path or the partitions of the source`;
    throw new MlforgeError("SOURCE_UNREADABLE", message, { source, path });
  }
}

/** The contents of the files of a scan, without folder names. */
interface ResolvedFiles extends Omit<ResolvedScan, "sources"> {
  /** The paths that DuckDB reads, in the order of the files. */
  readonly reads: readonly string[];
  /** Returns the scan of one Parquet file. */
  readonly scanOfFile?: (index: number) => Scan;
}

/** @param paths the paths of the scan on this machine */
async function resolveFiles(scan: Scan, paths: readonly string[], session: Session): Promise<ResolvedFiles> {
  if (scan.format.kind === "csv") return resolveCsv(scan, scan.format, paths, session);
  if (scan.format.kind === "ndjson") return resolveNdjson(scan, scan.format, paths, session);
  return resolveParquet(scan, paths, session);
}
