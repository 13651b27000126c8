import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Engine, Plan } from "@mlforge/spec";
import type { Partition } from "../define/partition.js";
import { dataFile, dataKey, periodFile } from "../log/keys.js";
import type { DataFile, MetadataPeriod, VersionMetadata } from "../log/metadata.js";
import { restricted, withoutTime } from "../periods/restrict.js";
import { totalsOf } from "../periods/source-days.js";
import { expectReadable } from "../read/read-feature.js";
import { keyColumns } from "../resolve/key-columns.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import { hasUniqueKeys } from "../resolve/unique-keys.js";
import { bindScans, bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { checkKeys } from "./check-keys.js";
import { checkTies } from "./check-ties.js";
import type { ComputedFeature, ComputeOptions } from "./computed-feature.js";
import { decidePeriods } from "./decide-periods.js";
import { filesOf, type Output, type OutputFile, targetIn } from "./output.js";
import { runValidators } from "./run-validators.js";
import { whyWhole } from "./timed-rows.js";

/** Computes each period of a feature separately. Keeps the periods of an earlier version that were computed from the same inputs. */
export async function computePeriods(
  engine: Engine,
  partition: Partition,
  prepared: PreparedFeature,
  context: BuildContext,
  options: ComputeOptions & { readonly folder: string },
): Promise<ComputedFeature> {
  const { resolved } = prepared;
  const { output, earlier, folder, hashes, signal } = options;
  const { rows, decisions } = await decidePeriods(engine, partition, prepared, context, { folder, earlier, hashes, signal });
  const periods: MetadataPeriod[] = [];
  const files: OutputFile[] = [];
  const kept: DataFile[] = [];
  const write = (plan: Plan, name: string): ReturnType<typeof writeFile> => writeFile(engine, resolved, plan, { name, output, signal });
  for (const [index, { inputs, same }] of decisions.entries()) {
    signal?.throwIfAborted();
    options.onStep("computing", index / decisions.length);
    if (same !== undefined) {
      periods.push(same.period);
      kept.push(...same.files);
      continue;
    }
    const { period, key, filesOf: filesIn } = inputs;
    const plan = await rows.read(bindScans(restricted(rows.plan, rows.timestamp, rows.reaches, period), filesIn));
    const file = await write(plan, periodFile(period.name));
    periods.push({ period: period.name, key, rows: file?.rows ?? 0, ...(file === undefined ? {} : { path: file.name }) });
    if (file !== undefined) files.push(file);
  }
  if (rows.days.some((source) => totalsOf(source).has(null)))
    await write(await rows.read(bindSources(withoutTime(rows.plan, rows.timestamp, rows.reaches), rows.sources)), "none.parquet");
  if (files.length + kept.length === 0) {
    // Readers take the columns of a version from its file, so every version has one.
    const none: Plan = { op: "limit", input: await rows.read(bindSources(rows.plan, rows.sources)), count: 0 };
    files.push(await writeEmpty(engine, none, output, signal));
  }
  options.onStep("checking");
  // Only validators read the kept files.
  const old = resolved.validators.length === 0 ? [] : await keptUrls(kept, earlier?.metadata, context, signal);
  const urls = [...old, ...files.map(({ url }) => url)];
  return {
    files,
    rows: periods.reduce((sum, each) => sum + each.rows, 0),
    validation: await runValidators(engine, resolved, urls, signal),
    by: { name: engine.name, version: engine.version },
    periods: {
      partition,
      periods,
      computed: decisions.filter(({ same }) => same === undefined).length,
      kept,
      whole: whyWhole(resolved),
      inputs: rows.isMade ? [] : rows.days,
    },
  };
}

interface WriteOptions {
  readonly name: string;
  readonly output: Output;
  readonly signal: AbortSignal | undefined;
}

/** Writes rows to a file and checks their keys. Returns undefined if there are no rows. */
async function writeFile(
  engine: Engine,
  resolved: ResolvedFeature,
  plan: Plan,
  { name, output, signal }: WriteOptions,
): Promise<(OutputFile & { readonly rows: number }) | undefined> {
  await checkTies(engine, resolved.feature.name, plan, signal);
  const order = keyColumns(resolved);
  const target = targetIn(output.url, name, engine);
  const written = await engine.write({ op: "sort", input: plan, by: order }, { url: target, format: "parquet" }, { signal });
  const urls = written.files.map(({ url }) => url);
  if (written.rows === 0) {
    for (const url of urls) await rm(fileURLToPath(url));
    return undefined;
  }
  await checkKeys(engine, resolved, urls, { unique: hasUniqueKeys(plan, order), signal });
  const [file] = await filesOf(written, output, engine, { target, signal });
  return file && { ...file, rows: written.rows };
}

async function writeEmpty(engine: Engine, plan: Plan, output: Output, signal?: AbortSignal): Promise<OutputFile> {
  const target = targetIn(output.url, dataFile, engine);
  const written = await engine.write(plan, { url: target, format: "parquet" }, { signal });
  const [file] = await filesOf(written, output, engine, { target, signal });
  if (file === undefined) throw new TypeError(`the ${engine.name} engine wrote no file`);
  return file;
}

/** Checks that the kept files can be read, and returns their URLs. */
async function keptUrls(
  kept: readonly DataFile[],
  metadata: VersionMetadata | undefined,
  context: BuildContext,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (metadata === undefined || kept.length === 0) return [];
  await expectReadable(context, { ...metadata, files: kept }, { signal });
  return kept.map(({ path }) => context.store.locate(dataKey(metadata.name, metadata.version, path)));
}
