import { isMlforgeError, type Store } from "@mlforge/spec";
import { attempt } from "../log/attempt.js";
import { encodeDocument } from "../log/document.js";
import { manifestKey, metadataKey, pointerKey } from "../log/keys.js";
import type { DataFile, MetadataColumn, VersionMetadata } from "../log/metadata.js";
import { type Pointer, readPointer } from "../log/pointer.js";
import type { Bump } from "../log/version.js";
import { listVersions } from "../log/versions.js";
import { namesIn } from "../read/names-in.js";

/** A document that describes a whole store. */
export interface StoreManifest {
  readonly layout_version: number;
  /** ISO 8601, UTC. */
  readonly generated_at: string;
  /**
   * `url` is the location of the store. It is `./`, relative to the document, if it is written into a working tree, whose location differs between
   * machines.
   */
  readonly store: { readonly name: string; readonly url: string };
  /** Sorted by name. Includes features that are no longer defined. */
  readonly features: readonly ManifestFeature[];
}

/** The versions of a feature in a store. */
export interface ManifestFeature {
  readonly name: string;
  /** The latest version. Null if there is none, or if the pointer cannot be read. */
  readonly latest: string | null;
  /** True if builds publish versions without making them latest. */
  readonly held: boolean;
  /** Lowest first. */
  readonly versions: readonly ManifestVersion[];
  /** The documents that cannot be read: metadata of versions, and the pointer, whose version is null. */
  readonly broken: readonly ManifestFault[];
}

/** The parts of a version's metadata that are needed to find and read it. */
export interface ManifestVersion {
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  readonly rows: number;
  readonly bytes: number;
  readonly change: Bump;
  readonly keys: readonly string[];
  readonly timestamp: string | null;
  readonly columns: readonly MetadataColumn[];
  /** The first 12 hex digits of a SHA-256, like the other hashes. */
  readonly content_hash: string;
  readonly schema_hash: string;
  readonly config_hash: string;
  readonly source_hash: string;
  /** The key of the data, from the root of the store. */
  readonly path: string;
  readonly files: readonly DataFile[];
}

export interface ManifestFault {
  readonly version: string | null;
  readonly key: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** Reads all pointers and all metadata of a store. */
export async function readManifest(store: Store, now: Date, signal?: AbortSignal): Promise<StoreManifest> {
  const features: ManifestFeature[] = [];
  for (const name of await namesIn(store, signal)) {
    const feature = await readFeature(store, name, signal);
    if (feature !== undefined) features.push(feature);
  }
  return {
    layout_version: 1,
    generated_at: now.toISOString(),
    store: { name: store.name, url: new URL(".", store.locate(manifestKey)).href },
    features,
  };
}

/** Writes a manifest to the root of its store. Returns its URL. */
export async function writeManifest(store: Store, manifest: StoreManifest, signal?: AbortSignal): Promise<string> {
  const { workingTree } = store.capabilities;
  const body = encodeDocument(workingTree ? { ...manifest, store: { ...manifest.store, url: "./" } } : manifest);
  await attempt(() => store.put(manifestKey, body, { signal }), signal);
  return store.locate(manifestKey);
}

/** Returns undefined for a folder that contains nothing of a feature. */
async function readFeature(store: Store, name: string, signal?: AbortSignal): Promise<ManifestFeature | undefined> {
  const pointer = await readPointerOrFault(store, name, signal);
  const { versions, broken } = await listVersions(store, name, signal);
  if (pointer === undefined && versions.length + broken.length === 0) return undefined;
  const isFault = pointer !== undefined && "error" in pointer;
  return {
    name,
    latest: isFault ? null : (pointer?.version ?? null),
    held: !isFault && pointer?.held === true,
    versions: versions.map(describeVersion),
    broken: [
      ...(isFault ? [pointer] : []),
      ...broken.map(({ version, error: { code, message } }) => ({ version, key: metadataKey(name, version), error: { code, message } })),
    ],
  };
}

async function readPointerOrFault(store: Store, name: string, signal?: AbortSignal): Promise<Pointer | ManifestFault | undefined> {
  try {
    return (await readPointer(store, name, signal))?.value;
  } catch (error) {
    if (!isMlforgeError(error, "METADATA_INVALID", "LAYOUT_UNSUPPORTED")) throw error;
    return { version: null, key: pointerKey(name), error: { code: error.code, message: error.message } };
  }
}

function describeVersion(metadata: VersionMetadata): ManifestVersion {
  const { version, created_at, keys, timestamp, columns, content_hash, schema_hash, config_hash, source_hash, path, files } = metadata;
  return {
    version,
    created_at,
    rows: metadata.row_count,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    change: metadata.change_summary.bump_type,
    keys,
    timestamp: timestamp ?? null,
    columns,
    content_hash,
    schema_hash,
    config_hash,
    source_hash,
    path,
    files,
  };
}
