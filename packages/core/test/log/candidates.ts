import { createHash } from "node:crypto";
import type { Store } from "@mlforge/spec";
import { type Change, changeBetween } from "../../src/log/change.js";
import { dataKey } from "../../src/log/keys.js";
import type { VersionMetadata } from "../../src/log/metadata.js";
import { type ComputedVersion, type Log, type Outcome, observe, publish, settleEarly } from "../../src/log/publish.js";
import { putFiles } from "../../src/log/put-data.js";
import { listVersions } from "../../src/log/versions.js";

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A candidate with the given logic and source, whose data is `content`. */
export function candidate(
  log: Log,
  options: { logic?: string; source?: string; content?: string; columns?: readonly string[]; version?: string; mayPromote?: boolean } = {},
): ComputedVersion {
  const {
    logic = "logic",
    source = "source",
    content = `${logic} ${source}`,
    columns = ["k"],
    version,
    mayPromote = version === undefined,
  } = options;
  const bytes = new TextEncoder().encode(content);
  const next = {
    columns: columns.map((name) => ({ name, dtype: "int64", kind: "int64" as const, nullable: false })),
    keys: ["k"],
    timestamp: undefined,
    plan_fingerprint: sha256(logic),
    source_fingerprint: sha256(source),
  };
  return {
    planFingerprint: next.plan_fingerprint,
    sourceFingerprint: next.source_fingerprint,
    version,
    mayPromote,
    change: (latest): Change | undefined => {
      const change = changeBetween(latest, next);
      return version === undefined ? change : { bump: change?.bump ?? "patch", reason: "explicit_version", details: [] };
    },
    write: async ({ version: number, change, parent }): Promise<VersionMetadata> => ({
      name: log.feature,
      version: number,
      path: dataKey(log.feature, number),
      entity: "k",
      keys: next.keys,
      source: "source.parquet",
      row_count: 1,
      created_at: log.committer.at,
      updated_at: log.committer.at,
      content_hash: sha256(bytes).slice(0, 12),
      schema_hash: "",
      config_hash: "",
      source_hash: "",
      columns: next.columns,
      tags: [],
      change_summary: { bump_type: change.bump, reason: change.reason, details: change.details },
      layout_version: 1,
      commit_id: log.committer.commitId,
      mlforge_version: "0.0.0",
      parent_version: parent,
      plan_fingerprint: next.plan_fingerprint,
      source_fingerprint: next.source_fingerprint,
      engine: { name: "test", version: "1" },
      files: await putFiles(
        log.store,
        { feature: log.feature, version: number },
        [{ body: bytes, name: "data.parquet", size: bytes.length, sha256: sha256(bytes) }],
        log.signal,
      ),
    }),
  };
}

export function logOf(store: Store, commitId: string, feature = "f"): Log {
  return { store, feature, committer: { commitId, by: "somebody", at: "2026-01-01T00:00:00.000Z" } };
}

/** Builds a candidate as `buildFeature` does. */
export async function build(store: Store, commitId: string, options: Parameters<typeof candidate>[1] = {}): Promise<Outcome> {
  const log = logOf(store, commitId);
  const observed = await observe(log);
  const made = candidate(log, options);
  const settled = await settleEarly(log, made, observed);
  return settled.kind === "open" ? publish(log, made, settled.observed) : settled;
}

/** The bytes under a key; undefined if there is none. Reads the store itself, past our own readers. */
export async function bytesOf(store: Store, key: string): Promise<Uint8Array | undefined> {
  try {
    await using found = await store.get(key);
    const parts: Uint8Array[] = [];
    for await (const part of found.body) parts.push(part);
    return Buffer.concat(parts);
  } catch {
    return undefined;
  }
}

/** Every published version with its data, checked against its recorded hash. */
export async function readWhole(store: Store, feature: string): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  for (const metadata of (await listVersions(store, feature)).versions) {
    const bytes = await bytesOf(store, dataKey(feature, metadata.version));
    const found = bytes === undefined ? "nothing" : sha256(bytes);
    if (found !== metadata.files[0]?.sha256) throw new Error(`${feature} ${metadata.version} holds ${found}`);
    versions.set(metadata.version, metadata.commit_id);
  }
  return versions;
}
