import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import { type Change, changeBetween, explainChange } from "../log/change.js";
import type { VersionMetadata } from "../log/metadata.js";
import { resolveVersion } from "../log/versions.js";
import { type Difference, differencesBetween, isSame, type VersionDifferences } from "../read/version-differences.js";
import type { BuildContext } from "../sources/context.js";
import { type DataDiff, type DiffProgress, diffData, hashesOf } from "./data-diff.js";

export interface DiffOptions {
  /** The version to compare with: a number, a range such as `^1.0`, or `latest`. Defaults to the next lower version than `to`. */
  readonly from?: string | undefined;
  /** Defaults to `latest`. */
  readonly to?: string | undefined;
  /** If true, also compares the data. Defaults to true. */
  readonly data?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DiffProgress) => void) | undefined;
}

/** How version `to` of a feature differs from version `from`. */
export interface VersionDiff {
  readonly feature: string;
  readonly from: string;
  readonly to: string;
  /** The kind of change by the rules of version numbers, regardless of the actual numbers. `same` if nothing differs. */
  readonly change: "same" | "patch" | "minor" | "major";
  /** The reason in words. */
  readonly why: string;
  readonly differences: VersionDifferences;
  /** True if the versions were built from different source data. */
  readonly source: { readonly changed: boolean };
  readonly rows: Difference<number>;
  /** The size of the data files. */
  readonly bytes: Difference<number>;
  /** Undefined if `data` was false. */
  readonly data: DataDiff | undefined;
}

/** Compares two versions of a feature. @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID, DATA_CORRUPT */
export async function diffVersions(feature: string, context: BuildContext, options: DiffOptions): Promise<VersionDiff> {
  const { data = true, signal } = options;
  const given = options.from === undefined ? undefined : await resolveVersion(context.store, feature, options.from, signal);
  const to = await resolveVersion(context.store, feature, options.to ?? "latest", signal);
  const from = given ?? (await versionBefore(context.store, to, signal));
  const differences = differencesBetween(from, to);
  return {
    feature,
    from: from.version,
    to: to.version,
    ...kindOf(from, to, differences),
    differences,
    source: { changed: from.source_fingerprint !== to.source_fingerprint },
    rows: { from: from.row_count, to: to.row_count },
    bytes: { from: bytesOf(from), to: bytesOf(to) },
    data: data ? await diffData(from, to, context, options) : undefined,
  };
}

/** Returns the next lower published version. */
async function versionBefore(store: Store, { name, version }: VersionMetadata, signal?: AbortSignal): Promise<VersionMetadata> {
  try {
    return await resolveVersion(store, name, `<${version}`, signal);
  } catch (error) {
    if (!isMlforgeError(error, "VERSION_NOT_FOUND")) throw error;
    const message = `feature "${name}" has no version before ${version} to compare with; pass two versions`;
    throw new MlforgeError("VERSION_NOT_FOUND", message, error.details, { cause: error });
  }
}

function kindOf(from: VersionMetadata, to: VersionMetadata, differences: VersionDifferences): Pick<VersionDiff, "change" | "why"> {
  const change = changeBetween(from, to);
  if (change !== undefined) return { change: bumpOf(change), why: explainChange(change) };
  if (hashesOf(from) !== hashesOf(to)) {
    return { change: "patch", why: "the files differ, but the definition and the source data are the same" };
  }
  if (!isSame(differences)) return { change: "patch", why: "only tags, the description, or validators differ" };
  return { change: "same", why: "nothing differs" };
}

function bumpOf({ bump }: Change): "patch" | "minor" | "major" {
  if (bump === "initial") throw new TypeError("there is a version before");
  return bump;
}

function bytesOf({ files }: VersionMetadata): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
