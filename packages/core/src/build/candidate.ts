import { createHash } from "node:crypto";
import type { ComputedFeature } from "../compute/computed-feature.js";
import type { AnySource } from "../define/source.js";
import { queryText } from "../define/source-query.js";
import { type Comparable, changeBetween } from "../log/change.js";
import type { Committer } from "../log/claim.js";
import { layoutVersion } from "../log/document.js";
import { dataKey, versionFolder } from "../log/keys.js";
import { type DataFile, describeColumn, describeRule, type VersionMetadata } from "../log/metadata.js";
import type { Candidate, Numbered } from "../log/publish.js";
import { keyColumns } from "../resolve/key-columns.js";
import { logicText } from "../resolve/logic-text.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import { canonicalJson } from "../sources/fingerprint.js";
import type { SourceHash } from "../sources/source-hashes.js";
import { ownVersion } from "./own-version.js";
import type { BuildRequest } from "./request.js";

/** The version a build intends to publish. Holds only what is known before the engine runs. */
export interface BuildCandidate extends Candidate {
  readonly prepared: PreparedFeature;
  readonly next: Comparable;
  /** SHA-256 of the source file. Undefined unless there is exactly one. */
  readonly singleSourceHash?: string | undefined;
  readonly fileHashes: SourceHash["files"];
  /** True if the build computes everything, even if nothing changed. */
  readonly isForced: boolean;
}

export function candidateOf(prepared: PreparedFeature, hashed: SourceHash, { version, force }: BuildRequest): BuildCandidate {
  const { keys, timestamp, schema } = prepared.resolved;
  const required = new Set(keyColumns(prepared.resolved));
  const inputs = [...prepared.sources.values()].flatMap(({ upstream }) => upstream?.input ?? []);
  const next: Comparable = {
    columns: schema.map((column) => describeColumn({ ...column, nullable: column.nullable && !required.has(column.name) })),
    keys,
    timestamp,
    plan_fingerprint: prepared.planFingerprint,
    source_fingerprint: hashed.fingerprint,
    ...(inputs.length === 0 ? {} : { inputs }),
  };
  return {
    prepared,
    next,
    singleSourceHash: hashed.single,
    fileHashes: hashed.files,
    isForced: force === true,
    planFingerprint: prepared.planFingerprint,
    sourceFingerprint: hashed.fingerprint,
    version,
    mayPromote: version === undefined && force !== true,
    change(latest) {
      const change = changeBetween(latest, next);
      if (version !== undefined) return { bump: change?.bump ?? "patch", reason: "explicit_version", details: change?.details ?? [] };
      return change === undefined && force === true ? { bump: "patch", reason: "forced", details: [] } : change;
    },
  };
}

/** Returns the metadata of a computed version that is about to be published. `files` are the files in the store. */
export function metadataOf(
  { prepared, next, singleSourceHash }: BuildCandidate,
  computed: ComputedFeature,
  files: readonly DataFile[],
  { version, change, parent }: Numbered,
  committer: Committer,
): VersionMetadata {
  const { feature, sources, timeless, volatile } = prepared.resolved;
  return {
    name: feature.name,
    version,
    path: pathOf(feature.name, version, files),
    entity: next.keys[0] ?? "",
    keys: next.keys,
    source: sources.flatMap(sourceText).join(","),
    row_count: computed.rows,
    created_at: committer.at,
    updated_at: committer.at,
    content_hash: short(contentHash(files)),
    schema_hash: short(sha256(pythonJson(next.columns.map(({ name, dtype }): [string, string] => [name, dtype])))),
    config_hash: short(sha256(canonicalJson({ keys: next.keys, timestamp: next.timestamp ?? null, plan: next.plan_fingerprint }))),
    source_hash: short(singleSourceHash ?? next.source_fingerprint),
    ...(next.timestamp === undefined ? {} : { timestamp: next.timestamp }),
    columns: next.columns,
    tags: feature.tags,
    ...(feature.description === undefined ? {} : { description: feature.description }),
    change_summary: { bump_type: change.bump, reason: change.reason, details: change.details },
    layout_version: computed.periods === undefined ? 1 : layoutVersion,
    commit_id: committer.commitId,
    mlforge_version: ownVersion,
    ...(parent === undefined ? {} : { parent_version: parent }),
    logic: logicText(prepared.resolved),
    plan_fingerprint: next.plan_fingerprint,
    source_fingerprint: next.source_fingerprint,
    engine: computed.by,
    files,
    ...(computed.periods && { partition: computed.periods.partition, periods: computed.periods.periods }),
    ...(computed.validation.length === 0 ? {} : { validation: computed.validation.map(describeRule) }),
    ...(timeless.length === 0 ? {} : { timeless }),
    ...(next.inputs === undefined ? {} : { inputs: next.inputs }),
    ...(volatile ? { volatile } : {}),
  };
}

function sourceText({ paths, query, upstream }: AnySource): readonly string[] {
  if (upstream !== undefined) return [`feature ${upstream.name}`];
  return query === undefined ? paths : [queryText(query)];
}

/** Returns the key of the data file, or of the folder with the files. */
function pathOf(feature: string, version: string, files: readonly DataFile[]): string {
  const [only, ...others] = files;
  return only === undefined || others.length > 0 ? versionFolder(feature, version) : dataKey(feature, version, only.path);
}

/** Returns the SHA-256 of the only file, or of a line for each file. */
function contentHash(files: readonly DataFile[]): string {
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) return only.sha256;
  return sha256(files.map((file) => `${file.sha256}  ${file.path}\n`).join(""));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function short(hash: string): string {
  return hash.slice(0, 12);
}

/** Encodes pairs sorted by name, spaced and escaped as Python's `json.dumps` does, so that the schema hash equals that of mlforge for Python. */
function pythonJson(pairs: readonly [string, string][]): string {
  const quote = (text: string): string =>
    JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `[${sorted.map(([name, dtype]) => `[${quote(name)}, ${quote(dtype)}]`).join(", ")}]`;
}
