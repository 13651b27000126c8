import { isMlforgeError } from "@mlforge/spec";
import type { VersionMetadata } from "../log/metadata.js";
import { expectReadable } from "../read/read-feature.js";
import type { BuildContext } from "../sources/context.js";
import { requireEngine } from "../sources/require-engine.js";
import { type ColumnDiff, diffColumn } from "./column-diff.js";
import { commonColumns } from "./compared-version.js";
import { type CountedChanges, countChanges, mismatchOf, type RowChanges } from "./row-changes.js";

export type { RowChanges } from "./row-changes.js";

/** How the data of two versions differs. */
export type DataDiff =
  /** Both have the very same files, by their SHA-256; nothing was read. */
  | { readonly kind: "identical" }
  /** The data of one of them is not there, as in a Git clone, or nothing is here that could read it. */
  | { readonly kind: "unavailable"; readonly reason: string }
  | {
      readonly kind: "compared";
      /** Undefined where rows could not be matched. */
      readonly rows: RowChanges | undefined;
      /** Why they could not. */
      readonly unmatched: string | undefined;
      /** The columns that both have, in the order of `from`. */
      readonly columns: readonly ColumnDiff[];
    };

/** Where the comparison of data is. */
export interface DiffProgress {
  readonly feature: string;
  readonly step: "rows" | "columns";
  /** The column that is compared. */
  readonly column?: string | undefined;
  /** From 0 to 1. */
  readonly fraction: number;
}

interface DataDiffOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DiffProgress) => void) | undefined;
}

/** Compares the data of two versions. @throws DATA_CORRUPT where files are there and are not what was published */
export async function diffData(
  from: VersionMetadata,
  to: VersionMetadata,
  context: BuildContext,
  options: DataDiffOptions,
): Promise<DataDiff> {
  if (hashesOf(from) === hashesOf(to)) return { kind: "identical" };
  if (context.engine === undefined) return { kind: "unavailable", reason: "data is compared by an engine, and Definitions has none" };
  for (const version of [from, to]) {
    const reason = await missingData(version, context, options.signal);
    if (reason !== undefined) return { kind: "unavailable", reason };
  }
  return compare(from, to, context, options);
}

/** The content of a version, whatever its number is. */
export function hashesOf({ files }: VersionMetadata): string {
  return JSON.stringify(files.map(({ path, size, sha256 }) => [path, size, sha256]).sort());
}

async function missingData(version: VersionMetadata, context: BuildContext, signal?: AbortSignal): Promise<string | undefined> {
  try {
    await expectReadable(context, version, { signal });
    return undefined;
  } catch (error) {
    const isMissing = isMlforgeError(error, "DATA_CORRUPT") && isMlforgeError(error.cause, "STORE_NOT_FOUND");
    if (isMissing) return `the data of ${version.version} is not here, as in a Git clone; mlforge sync rebuilds that of latest versions`;
    throw error;
  }
}

async function compare(
  from: VersionMetadata,
  to: VersionMetadata,
  context: BuildContext,
  { signal, onProgress }: DataDiffOptions,
): Promise<DataDiff> {
  const { store } = context;
  const engine = requireEngine(context, "data is compared");
  const columns = commonColumns(from, to);
  const feature = to.name;
  const steps = columns.length + 1;
  onProgress?.({ feature, step: "rows", fraction: 0 });
  const unmatched = mismatchOf(from, to);
  const counted: CountedChanges | undefined =
    unmatched === undefined ? await countChanges(engine, store, { from, to, columns }, signal) : undefined;
  const both = counted === undefined ? 0 : counted.rows.changed + counted.rows.unchanged;
  const diffs: ColumnDiff[] = [];
  for (const [index, column] of columns.entries()) {
    onProgress?.({ feature, step: "columns", column: column.name, fraction: (index + 1) / steps });
    const changed = counted?.columns.get(column.name);
    diffs.push({
      ...(await diffColumn(engine, store, { from, to, column }, signal)),
      changed: changed === undefined ? undefined : { rows: changed, share: both === 0 ? 0 : changed / both },
    });
  }
  return { kind: "compared", rows: counted?.rows, unmatched, columns: diffs };
}
