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
  /** Both have the same files, according to their SHA-256. Nothing was read. */
  | { readonly kind: "identical" }
  /** The data of one version is missing, as in a Git clone, or there is no engine to read it. */
  | { readonly kind: "unavailable"; readonly reason: string }
  | {
      readonly kind: "compared";
      /** Undefined if rows could not be matched. */
      readonly rows: RowChanges | undefined;
      /** The reason why rows could not be matched. */
      readonly unmatched: string | undefined;
      /** The columns that both versions have, in the order of `from`. */
      readonly columns: readonly ColumnDiff[];
    };

/** The progress of a comparison. */
export interface DiffProgress {
  readonly feature: string;
  readonly step: "rows" | "columns";
  /** The column that is being compared. */
  readonly column?: string | undefined;
  /** From 0 to 1. */
  readonly fraction: number;
}

interface DataDiffOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DiffProgress) => void) | undefined;
}

/** Compares the data of two versions. @throws DATA_CORRUPT if files exist but differ from what was published */
export async function diffData(
  from: VersionMetadata,
  to: VersionMetadata,
  context: BuildContext,
  options: DataDiffOptions,
): Promise<DataDiff> {
  if (hashesOf(from) === hashesOf(to)) return { kind: "identical" };
  if (context.engine === undefined) return { kind: "unavailable", reason: "comparing data needs an engine, but Definitions has none" };
  for (const version of [from, to]) {
    const reason = await missingData(version, context, options.signal);
    if (reason !== undefined) return { kind: "unavailable", reason };
  }
  return compare(from, to, context, options);
}

/** Returns the content of a version, regardless of its number. */
export function hashesOf({ files }: VersionMetadata): string {
  return JSON.stringify(files.map(({ path, size, sha256 }) => [path, size, sha256]).sort());
}

async function missingData(version: VersionMetadata, context: BuildContext, signal?: AbortSignal): Promise<string | undefined> {
  try {
    await expectReadable(context, version, { signal });
    return undefined;
  } catch (error) {
    const isMissing = isMlforgeError(error, "DATA_CORRUPT") && isMlforgeError(error.cause, "STORE_NOT_FOUND");
    if (isMissing)
      return `the data of ${version.version} is missing here, as in a Git clone; mlforge sync rebuilds the data of latest versions`;
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
  const engine = requireEngine(context, "comparing data needs");
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
      changed: changed && { ...changed, share: both === 0 ? 0 : changed.rows / both },
    });
  }
  return { kind: "compared", rows: counted?.rows, unmatched, columns: diffs };
}
