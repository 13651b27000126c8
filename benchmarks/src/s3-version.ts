import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type AnyFeature, Definitions, feature, source } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { PutBody, PutOptions, StoreCapabilities, StoredObject } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { isSound } from "./is-sound.js";
import { runChild } from "./run-child.js";
import { columnName, dataKey } from "./s3-job.js";

const columns = 50;

/** The etag of every object of the server. */
export const everyEtag = "00000000000000000000000000000001";

/** A feature with so many rows of 50 columns of 8 bytes that no codec makes smaller. */
export function wideFeature(path: string): AnyFeature {
  return feature({ name: "wide", source: source({ name: "wide", path, timestamp: undefined }), keys: ["id"] });
}

/** Returns the folder of a store with one version of {@link wideFeature}, as if it had been published to the server. Builds it unless an earlier run left one that is sound. */
export async function wideVersion(rows: number): Promise<string> {
  const folder = fileURLToPath(new URL(`../.cache/wide-of-server-${rows}`, import.meta.url));
  if (existsSync(folder)) {
    await using kept = wideDefinitions(folder, `${folder}.parquet`);
    if (await isSound(kept)) return folder;
    rmSync(folder, { recursive: true });
  }
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  const path = `${unfinished}.parquet`;
  const values = Array.from(
    { length: columns - 1 },
    (_, index) => `CAST(hash(i * ${columns} + ${index}) >> 1 AS BIGINT) AS ${columnName(index)}`,
  );
  await runChild("sql", {
    statement: `COPY (SELECT i AS id, ${values.join(", ")} FROM range(${rows}) AS r(i)) TO '${path}' (FORMAT parquet)`,
  });
  await using definitions = wideDefinitions(unfinished, path);
  const { failed } = await definitions.build();
  if (failed[0] !== undefined) throw failed[0].error;
  rmSync(path);
  renameSync(unfinished, folder);
  return folder;
}

function wideDefinitions(folder: string, path: string): Definitions {
  return new Definitions({
    name: "benchmark",
    features: [wideFeature(path)],
    offlineStore: new FolderOfServer(folder),
    engine: new DuckDBEngine(),
  });
}

/** Publishes as the server would: metadata records the etag that the server gives the data, so that a reader need not fetch all of it. */
class FolderOfServer extends LocalStore {
  override readonly capabilities: StoreCapabilities = { conditionalPut: "full", workingTree: false, readable: true };

  override async put(key: string, body: PutBody, options?: PutOptions): Promise<StoredObject> {
    const stored = await super.put(key, body, options);
    return key === dataKey ? { ...stored, etag: everyEtag } : stored;
  }
}
