import { type Description, isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import type { AnySource, Upstream } from "../define/source.js";
import { declaredProblems } from "../log/declared-columns.js";
import { dataKey } from "../log/keys.js";
import type { VersionMetadata } from "../log/metadata.js";
import { resolveVersion } from "../log/versions.js";
import { fingerprint } from "./fingerprint.js";
import type { SourceFile, SourceFiles } from "./source-files.js";

/** A source that reads another feature. */
export type FeatureSource = AnySource & { readonly upstream: Upstream };

export function readsFeature(source: AnySource): source is FeatureSource {
  return source.upstream !== undefined;
}

/** The version that a feature would have after a build. `metadata` is missing unless the version is published already. */
export type PlannedVersion = Pick<VersionMetadata, "version" | "columns" | "timestamp"> & {
  readonly metadata?: VersionMetadata | undefined;
};

/** A version that a feature reads: a published one, or a planned one. */
export type ReadVersion = VersionMetadata | PlannedVersion;

/** Returns the latest version of a feature that another feature reads. @throws VERSION_NOT_FOUND if it was never built */
export async function latestVersion(store: Store, name: string, signal?: AbortSignal): Promise<VersionMetadata> {
  try {
    return await resolveVersion(store, name, "latest", signal);
  } catch (error) {
    if (!isMlforgeError(error, "VERSION_NOT_FOUND")) throw error;
    const message = `feature "${name}" has no version yet, and this feature reads it; build "${name}" first, or both together`;
    throw new MlforgeError("VERSION_NOT_FOUND", message, error.details, { cause: error });
  }
}

/** Returns the columns of the rows that a feature reads. */
export function describeVersion({ columns }: ReadVersion): Description {
  return { columns: columns.map(({ dtype: _, ...column }) => column), unsupported: [] };
}

/** Returns the files of a version of a feature. @throws SCHEMA_MISMATCH if its rows are not those of the definition */
export function versionFiles(source: FeatureSource, read: ReadVersion, store: Store): SourceFiles {
  const { name } = source;
  expectDefined(source, read);
  const metadata = "files" in read ? read : read.metadata;
  if (metadata === undefined) {
    const state = fingerprint({ planned: read.version });
    const file: SourceFile = {
      path: `${name} ${read.version}`,
      url: "",
      size: 0,
      state,
      fingerprint: state,
      currentState: async () => state,
    };
    return {
      source: name,
      files: [file],
      upstream: { input: { feature: name, version: read.version, commit_id: "", content_hash: "" }, metadata },
    };
  }
  const { version, commit_id, content_hash } = metadata;
  const files = metadata.files.map(({ path, size, sha256 }): SourceFile => {
    const url = store.locate(dataKey(name, version, path));
    const state = fingerprint({ feature: name, version, commit_id, path, sha256 });
    // A version never changes, and reading it checks its files.
    return { path: url, url, size, state, sha256, fingerprint: state, currentState: async () => state };
  });
  return { source: name, files, upstream: { input: { feature: name, version, commit_id, content_hash }, metadata } };
}

/** Checks that a version has the rows that the definition of its feature promises to those that read it. */
function expectDefined({ name, upstream, timestamp }: FeatureSource, { version, columns, timestamp: stored }: ReadVersion): void {
  const { columns: declared } = upstream;
  const problems = declared === undefined ? [] : [...declaredProblems(declared, columns)];
  if (stored !== timestamp) problems.push(`its timestamp is ${stored ?? "none"}, but the definition says ${timestamp ?? "none"}`);
  if (problems.length === 0) return;
  const advice =
    declared === undefined
      ? `give feature "${name}" its timestamp, or timestamp: null for none`
      : `build "${name}" first, or both together`;
  const message = `version ${version} of feature "${name}", which this feature reads, does not match its definition: ${problems.join("; ")}; ${advice}`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where: `${name} ${version}`, problems });
}
