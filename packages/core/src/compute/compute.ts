import { join } from "node:path";
import { type Engine, MlforgeError, type RuleResult } from "@mlforge/spec";
import { dataFile } from "../log/keys.js";
import { keyColumns } from "../resolve/key-columns.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import { hasUniqueKeys } from "../resolve/unique-keys.js";
import { bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { schemeOf } from "../sources/remotes.js";
import { checkKeys } from "./check-keys.js";
import { checkTies } from "./check-ties.js";
import { computeBatches } from "./compute-batches.js";
import { engineFor } from "./engine-for.js";
import { noRoomError } from "./no-room.js";
import { filesOf, type Output, type OutputFile, targetIn } from "./output.js";
import { runValidators } from "./run-validators.js";
import type { SharedTextSources } from "./shared-text-sources.js";
import { spooledPlan } from "./spooled-plan.js";
import type { BuildProgress } from "./stopwatch.js";

/** The computed rows of a feature in files, sorted by keys and timestamp, with valid keys, but not yet published. */
export interface ComputedFeature {
  /** In the order of their rows. */
  readonly files: readonly OutputFile[];
  readonly rows: number;
  /** The results of its validators. */
  readonly validation: readonly RuleResult[];
  /** The engine or format that wrote the rows, for the metadata. */
  readonly by: { readonly name: string; readonly version: string };
}

export interface ComputeOptions {
  /** Where the files go. A TypeScript transform needs a local folder. */
  readonly output: Output;
  /** Text sources that several features of the build read. */
  readonly textSources?: SharedTextSources | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep: (step: BuildProgress["step"], fraction?: number) => void;
}

/**
 * Computes the rows of a feature, checks their keys, and runs the validators.
 * @throws KEY_VIOLATION, CAPABILITY_MISSING, TRANSFORM_FAILED, STORE_FULL, and errors of the engine
 */
export async function computeFeature(prepared: PreparedFeature, context: BuildContext, options: ComputeOptions): Promise<ComputedFeature> {
  try {
    return await compute(prepared, context, options);
  } catch (error) {
    throw noRoomError(error, prepared.resolved.feature.name, options.output, context);
  }
}

async function compute(prepared: PreparedFeature, context: BuildContext, options: ComputeOptions): Promise<ComputedFeature> {
  const { resolved, sources } = prepared;
  const { output, signal } = options;
  const { computation } = resolved;
  const canStream = computation.kind === "batches" && computation.rolling === undefined && resolved.validators.length === 0;
  if (canStream && context.engine === undefined) {
    const { rows, by } = await computeBatches(prepared, context, { ...options, path: join(localPath(output), dataFile), sorted: true });
    const file = { name: dataFile, url: `${output.url}/${dataFile}`, ...(await output.hash(dataFile, signal)) };
    return { files: [file], rows, validation: [], by };
  }
  const engine = engineFor(context, resolved);
  expectWrites(engine, output.url);
  const bound =
    computation.kind === "plan"
      ? bindSources(computation.plan, sources)
      : await spooledPlan(prepared, context, { folder: localPath(output), signal });
  const plan = (await options.textSources?.share(bound, signal)) ?? bound;
  await checkTies(engine, resolved.feature.name, plan, signal);
  const order = keyColumns(resolved);
  const written = await engine.write(
    { op: "sort", input: plan, by: order },
    { url: targetIn(output.url, dataFile, engine), format: "parquet" },
    { signal, onProgress: ({ fraction }) => options.onStep("computing", fraction) },
  );
  options.onStep("checking");
  const unique = hasUniqueKeys(plan, order);
  const urls = written.files.map(({ url }) => url);
  // The first error deletes a local folder, so both must have ended before it is thrown.
  const [checked, files] = await Promise.allSettled([
    checkKeys(engine, resolved, urls, { unique, signal }).then(() => runValidators(engine, resolved, urls, signal)),
    filesOf(written, output, engine, signal),
  ]);
  if (checked.status === "rejected") throw checked.reason;
  if (files.status === "rejected") throw files.reason;
  return { files: files.value, rows: written.rows, validation: checked.value, by: { name: engine.name, version: engine.version } };
}

/** Checks that the engine can write to a URL and read it back. @throws CAPABILITY_MISSING */
function expectWrites({ name, capabilities }: Engine, url: string): void {
  const scheme = schemeOf(url) ?? "file";
  if (capabilities.writes.includes(scheme) && capabilities.reads.includes(scheme)) return;
  const able = capabilities.writes.map((each) => `${each}:`).join(", ") || "nothing";
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `the ${name} engine can write to ${able}, but not to ${url}; use a store that it can write to`,
    {
      plugin: name,
      capability: `writes ${scheme}`,
    },
  );
}

function localPath({ path }: Output): string {
  if (path !== undefined) return path;
  throw new TypeError("a TypeScript transform writes to a local folder");
}
