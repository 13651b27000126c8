import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import { type Change, changeBetween, explainChange } from "../log/change.js";
import type { VersionMetadata } from "../log/metadata.js";
import { resolveVersion } from "../log/versions.js";
import { type Difference, differencesBetween, isSame, type VersionDifferences } from "../read/version-differences.js";
import type { BuildContext } from "../sources/context.js";
import { type DataDiff, type DiffProgress, diffData, hashesOf } from "./data-diff.js";

export interface DiffOptions {
  /** The version that is compared with: a number, a range such as `^1.0`, or `latest`; the next lower one than `to` unless told. */
  readonly from?: string | undefined;
  /** `latest` unless told. */
  readonly to?: string | undefined;
  /** Whether the data is compared, too; true unless told. */
  readonly data?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DiffProgress) => void) | undefined;
}

/** How version `to` of a feature differs from version `from`. */
export interface VersionDiff {
  readonly feature: string;
  readonly from: string;
  readonly to: string;
  /** What the step from one to the other is by the rules of version numbers, whichever numbers they have; `same` where nothing differs. */
  readonly change: "same" | "patch" | "minor" | "major";
  /** What decided, in plain words. */
  readonly why: string;
  readonly differences: VersionDifferences;
  /** Whether they were built from other source data. */
  readonly source: { readonly changed: boolean };
  readonly rows: Difference<number>;
  /** The size of the data files. */
  readonly bytes: Difference<number>;
  /** Undefined where it was not asked for. */
  readonly data: DataDiff | undefined;
}

/** @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID, DATA_CORRUPT */
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

/** The next lower published version. */
async function versionBefore(store: Store, { name, version }: VersionMetadata, signal?: AbortSignal): Promise<VersionMetadata> {
  try {
    return await resolveVersion(store, name, `<${version}`, signal);
  } catch (error) {
    if (!isMlforgeError(error, "VERSION_NOT_FOUND")) throw error;
    const message = `feature "${name}" has no version before ${version}, so there is nothing to compare it with; name two versions`;
    throw new MlforgeError("VERSION_NOT_FOUND", message, error.details, { cause: error });
  }
}

function kindOf(from: VersionMetadata, to: VersionMetadata, differences: VersionDifferences): Pick<VersionDiff, "change" | "why"> {
  const change = changeBetween(from, to);
  if (change !== undefined) return { change: bumpOf(change), why: explainChange(change) };
  if (hashesOf(from) !== hashesOf(to)) {
    return { change: "patch", why: "the files differ, though the definition and the source data are the same" };
  }
  if (!isSame(differences)) return { change: "patch", why: "only tags, the description or validators differ" };
  return { change: "same", why: "nothing differs" };
}

function bumpOf({ bump }: Change): "patch" | "minor" | "major" {
  if (bump === "initial") throw new TypeError("there is a version before");
  return bump;
}

function bytesOf({ files }: VersionMetadata): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
