import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RuleResult } from "@mlforge/spec";
import { dataFile } from "../log/keys.js";
import type { StagedFile } from "../log/put-data.js";
import { keyColumns } from "../resolve/key-columns.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import { hasUniqueKeys } from "../resolve/unique-keys.js";
import { bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { hashFile } from "../sources/hash-file.js";
import { checkAsOfJoins } from "./check-as-of-joins.js";
import { checkKeys } from "./check-keys.js";
import { computeBatches } from "./compute-batches.js";
import { engineFor } from "./engine-for.js";
import { noRoomError } from "./no-room.js";
import { runValidators } from "./run-validators.js";
import type { SharedTexts } from "./shared-texts.js";
import { spooledPlan } from "./spooled-plan.js";
import type { BuildProgress } from "./stopwatch.js";

/** The computed rows of a feature in a local file, sorted by keys and timestamp, with valid keys, not yet published. */
export interface ComputedFeature {
  readonly file: StagedFile;
  readonly rows: number;
  /** The results of its validators. */
  readonly validation: readonly RuleResult[];
  /** The engine or format that wrote the rows, for the metadata. */
  readonly by: { readonly name: string; readonly version: string };
}

export interface ComputeOptions {
  /** A local folder to write into. */
  readonly folder: string;
  /** Text sources that several features of the build read. */
  readonly texts?: SharedTexts | undefined;
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
    throw noRoomError(error, prepared.resolved.feature.name, options.folder, context);
  }
}

async function compute(prepared: PreparedFeature, context: BuildContext, options: ComputeOptions): Promise<ComputedFeature> {
  const { resolved, sources } = prepared;
  const { computation } = resolved;
  const path = join(options.folder, dataFile);
  const canStream = computation.kind === "batches" && computation.rolling === undefined && resolved.validators.length === 0;
  if (canStream && context.engine === undefined) {
    const { rows, by } = await computeBatches(prepared, context, { ...options, path, sorted: true });
    return { file: await stagedFile(path, options.signal), rows, validation: [], by };
  }
  const engine = engineFor(context, resolved);
  const bound = computation.kind === "plan" ? bindSources(computation.plan, sources) : await spooledPlan(prepared, context, options);
  const plan = (await options.texts?.share(bound, options.signal)) ?? bound;
  await checkAsOfJoins(engine, resolved.feature.name, plan, options.signal);
  const order = keyColumns(resolved);
  const written = await engine.write(
    { op: "sort", input: plan, by: order },
    { url: pathToFileURL(path).href, format: "parquet" },
    { signal: options.signal, onProgress: ({ fraction }) => options.onStep("computing", fraction) },
  );
  options.onStep("checking");
  const unique = hasUniqueKeys(plan, order);
  // The first error deletes the folder of the file, so both must have ended before it is thrown.
  const [checked, file] = await Promise.allSettled([
    checkKeys(engine, resolved, path, { unique, signal: options.signal }).then(() => runValidators(engine, resolved, path, options.signal)),
    stagedFile(path, options.signal),
  ]);
  if (checked.status === "rejected") throw checked.reason;
  if (file.status === "rejected") throw file.reason;
  return { file: file.value, rows: written.rows, validation: checked.value, by: { name: engine.name, version: engine.version } };
}

async function stagedFile(localPath: string, signal?: AbortSignal): Promise<StagedFile> {
  return { body: { file: localPath, move: true }, name: dataFile, ...(await hashFile(localPath, signal)) };
}
