import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Engine, Plan } from "@mlforge/spec";
import type { Partition } from "../define/partition.js";
import { dataFile, dataKey, periodFile } from "../log/keys.js";
import type { DataFile, MetadataPeriod, VersionMetadata } from "../log/metadata.js";
import { microsecondsOfDay, type Period } from "../periods/period.js";
import { filesFor, filesWithoutTime, type PeriodInputs } from "../periods/period-inputs.js";
import type { Reaches } from "../periods/reach.js";
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
import { decidePeriods, isTogether, togetherNote } from "./decide-periods.js";
import { filesOf, type Output, type OutputFile, targetIn } from "./output.js";
import { runValidators } from "./run-validators.js";
import { type TimedRows, whyWhole } from "./timed-rows.js";
import { writtenRows } from "./written-rows.js";

/**
 * Computes each period of a feature separately. Keeps the periods of an earlier version that were computed from the same inputs.
 *
 * If files can only be read together, for example because only all of them show the format of their timestamps, computes all rows and then divides them.
 */
export async function computePeriods(
  engine: Engine,
  partition: Partition,
  prepared: PreparedFeature,
  context: BuildContext,
  options: PeriodOptions,
): Promise<ComputedFeature> {
  try {
    return await compute(engine, partition, prepared, context, options);
  } catch (error) {
    if (!isTogether(error) || whyWhole(prepared.resolved) !== undefined) throw error;
    const { folder } = options;
    for (const name of await readdir(folder)) if (name.endsWith(".parquet")) await rm(join(folder, name));
    return compute(engine, partition, prepared, context, { ...options, whole: togetherNote });
  }
}

interface PeriodOptions extends ComputeOptions {
  /** A local folder for temporary files. */
  readonly folder: string;
  readonly whole?: string | undefined;
}

async function compute(
  engine: Engine,
  partition: Partition,
  prepared: PreparedFeature,
  context: BuildContext,
  options: PeriodOptions,
): Promise<ComputedFeature> {
  const { resolved } = prepared;
  const { output, earlier, signal } = options;
  const { rows, decisions } = await decidePeriods(engine, partition, prepared, context, options);
  const fresh = decisions.flatMap(({ inputs, same }) => (same === undefined ? [inputs] : []));
  const periods: MetadataPeriod[] = decisions.flatMap(({ same }) => same?.period ?? []);
  const kept: readonly DataFile[] = decisions.flatMap(({ same }) => same?.files ?? []);
  const files: OutputFile[] = [];
  const write = (plan: Plan, name: string): ReturnType<typeof writeFile> => writeFile(engine, resolved, plan, { name, output, signal });
  const planOf = await periodPlans(engine, resolved, rows, fresh, options);
  for (const [index, inputs] of fresh.entries()) {
    signal?.throwIfAborted();
    options.onStep("computing", index / fresh.length);
    const { period, key } = inputs;
    const file = await write(await planOf(inputs), periodFile(period.name));
    periods.push({ period: period.name, key, rows: file?.rows ?? 0, ...(file === undefined ? {} : { path: file.name }) });
    if (file !== undefined) files.push(file);
  }
  if (rows.days.some((source) => totalsOf(source).has(null)))
    await write(await rows.read(bindScans(withoutTime(rows.plan, rows.timestamp, rows.reaches), filesWithoutTime(rows))), "none.parquet");
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
      periods: periods.sort((a, b) => (a.period < b.period ? -1 : 1)),
      computed: fresh.length,
      kept,
      whole: rows.whole,
      inputs: rows.whole === undefined ? rows.days : [],
    },
  };
}

/**
 * Returns the plan of each period. If the rows of a period depend on much more than one period, computes all of them in one go and then divides them:
 * each by itself would read the same source rows again.
 */
async function periodPlans(
  engine: Engine,
  resolved: ResolvedFeature,
  rows: TimedRows,
  fresh: readonly PeriodInputs[],
  { folder, signal }: PeriodOptions,
): Promise<(inputs: PeriodInputs) => Promise<Plan>> {
  const { plan, timestamp, reaches } = rows;
  const [first, last] = [fresh.at(0)?.period, fresh.at(-1)?.period];
  if (first === undefined || last === undefined || first === last || !readsFarBack(reaches, first)) {
    return ({ period, filesOf: filesIn }) => rows.read(bindScans(restricted(plan, timestamp, reaches, period), filesIn));
  }
  const span = { name: "", start: first.start, end: last.end };
  const all = await rows.read(bindScans(restricted(plan, timestamp, reaches, span), filesFor(rows, span)));
  await checkTies(engine, resolved.feature.name, all, signal);
  const url = pathToFileURL(join(folder, "span.parquet")).href;
  const { files } = await engine.write(all, { url, format: "parquet" }, { signal });
  const scan = writtenRows(
    resolved,
    files.map((file) => file.url),
  );
  return async ({ period }) => restricted(scan, timestamp, new Map(), period);
}

/** Returns true if a period reads more than twice its own length of a source. */
function readsFarBack(reaches: Reaches, { start, end }: Period): boolean {
  const most = BigInt(end - start) * 2n * microsecondsOfDay;
  return [...reaches.values()].some((reach) => reach !== undefined && (reach.read.from === "always" || -reach.read.from > most));
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
