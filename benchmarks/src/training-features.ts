import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AnyFeature, Definitions, feature, source } from "@mlforge/core";
import { DuckDBEngine, type DuckDBEngineOptions } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { isSound } from "./is-sound.js";
import { featureFile, featurePath } from "./training-data.js";

/** Features of so many rows each, over a store that keeps them between runs. */
export function trainingDefinitions(features: number, rows: number, engine: DuckDBEngineOptions): Definitions {
  return new Definitions({
    name: "benchmark",
    features: Array.from({ length: features }, (_, index) => trainingFeature(index, rows)),
    offlineStore: new LocalStore(storeFolder(rows)),
    engine: new DuckDBEngine(engine),
  });
}

function trainingFeature(index: number, rows: number): AnyFeature {
  const name = `feature_${index}`;
  return feature({ name, source: source({ name, path: featurePath(index, rows), timestamp: undefined }), keys: ["k"], timestamp: "known" });
}

/** Builds those that are not published yet, and all of them if what an earlier run left is not sound. */
export async function publishFeatures(features: number, rows: number): Promise<void> {
  await using definitions = trainingDefinitions(features, rows, {});
  if (existsSync(storeFolder(rows)) && !(await isSound(definitions))) rmSync(storeFolder(rows), { recursive: true });
  const missing = Array.from({ length: features }, (_, index) => index).filter((index) => !existsSync(publishedFile(index, rows)));
  for (const index of missing) await featureFile(index, rows);
  if (missing.length === 0) return;
  const { failed } = await definitions.build({ features: missing.map((index) => `feature_${index}`) });
  if (failed[0] !== undefined) throw failed[0].error;
}

/** The data file of a published feature. */
export function publishedFile(index: number, rows: number): string {
  return join(storeFolder(rows), `feature_${index}`, "1.0.0", "data.parquet");
}

function storeFolder(rows: number): string {
  return fileURLToPath(new URL(`../.cache/features-${rows}`, import.meta.url));
}
