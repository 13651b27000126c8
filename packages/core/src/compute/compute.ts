import { join } from "node:path";
import { type Engine, MlforgeError } from "@mlforge/spec";
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
import { computePeriods } from "./compute-periods.js";
import type { ComputedFeature, ComputeOptions } from "./computed-feature.js";
import { engineFor } from "./engine-for.js";
import { expectUpstreams } from "./expect-upstreams.js";
import { noRoomError } from "./no-room.js";
import { filesOf, type Output, targetIn } from "./output.js";
import { runValidators } from "./run-validators.js";
import { spooledPlan } from "./spooled-plan.js";

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
  await expectUpstreams(prepared, context, signal);
  const canStream =
    resolved.feature.partition === undefined &&
    computation.kind === "batches" &&
    computation.rolling === undefined &&
    resolved.validators.length === 0;
  if (canStream && context.engine === undefined) {
    const { rows, by } = await computeBatches(prepared, context, { ...options, path: join(localPath(output), dataFile), sorted: true });
    const file = { name: dataFile, url: `${output.url}/${dataFile}`, ...(await output.hash(dataFile, signal)) };
    return { files: [file], rows, validation: [], by };
  }
  const engine = engineFor(context, resolved);
  expectWrites(engine, output.url);
  const { partition } = resolved.feature;
  if (partition !== undefined) return computePeriods(engine, partition, prepared, context, { ...options, folder: localPath(output) });
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
    filesOf(written, output, engine, { signal }),
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
