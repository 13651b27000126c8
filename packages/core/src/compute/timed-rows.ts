import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Engine, mapScans, type Plan, type Scan, schemaOf } from "@mlforge/spec";
import type { InputSource } from "../log/inputs.js";
import { areWithinYears, type TimedPlan } from "../periods/period-inputs.js";
import { type Reaches, reachesOf } from "../periods/reach.js";
import { daysOfSource, sourceScans, timedSources } from "../periods/source-days.js";
import { whyUnbounded } from "../periods/why-unbounded.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import { bindScans, scanOfFiles } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { fingerprint } from "../sources/fingerprint.js";
import type { SourceFile, SourceFiles } from "../sources/source-files.js";
import { checkTies } from "./check-ties.js";
import { ParsedText } from "./parsed-text.js";
import { spooledPlan } from "./spooled-plan.js";

/** The plan of a feature, with the days of the sources that its rows depend on. */
export interface TimedRows extends TimedPlan {
  readonly timestamp: string;
  /** Makes a bound plan ready for the engine. */
  read(plan: Plan): Promise<Plan>;
  /** Why the rows, or those below their windows, were all computed before they were divided. Undefined if each period is computed by itself. */
  readonly whole: string | undefined;
}

export interface TimedOptions {
  /** A local folder for temporary files. */
  readonly folder: string;
  /** Why all rows must be computed before they are divided, if a first try has shown it. */
  readonly whole?: string | undefined;
  /** Returns a hash or state that identifies the content of a source file. */
  readonly hashOf: (file: SourceFile) => string;
  /** The record of an earlier build with this engine and this definition. */
  readonly recorded: readonly InputSource[];
  readonly signal?: AbortSignal | undefined;
}

/** Finds the days of the sources that the rows of each period depend on. */
export async function timedRows(
  engine: Engine,
  prepared: PreparedFeature,
  context: BuildContext,
  options: TimedOptions,
): Promise<TimedRows> {
  const { resolved, sources, planFingerprint } = prepared;
  const { computation, timestamp, feature } = resolved;
  const { folder, signal } = options;
  if (timestamp === undefined) throw new TypeError("rows without a timestamp have no periods");
  const withDays = async (
    plan: Plan,
    reaches: Reaches,
    files: ReadonlyMap<string, SourceFiles>,
    whole: string | undefined,
  ): Promise<TimedRows> => {
    const isMade = whole !== undefined;
    const hashOf = isMade ? stateOf : options.hashOf;
    const text = new ParsedText(engine, folder, sourceScans(plan));
    const days: InputSource[] = [];
    for (const source of timedSources(plan, reaches)) {
      const found = files.get(source.source);
      if (found === undefined) continue;
      const scanOf = (scan: Scan, file: SourceFile): Promise<Plan> => text.read(scanOfFiles(scan, [file]), signal);
      days.push(await daysOfSource(source, found, { engine, scanOf, hashOf, recorded: isMade ? [] : options.recorded, signal }));
    }
    const hashOfSource = (source: SourceFiles): string => fingerprint(source.files.map(hashOf).sort());
    return {
      plan,
      planFingerprint,
      engine: { name: engine.name, version: engine.version },
      reaches,
      sources: files,
      days,
      hashOf: hashOfSource,
      timestamp,
      whole,
      read: (bound) => text.read(bound, signal),
    };
  };
  const spooled = computation.kind === "plan" ? undefined : await spooledPlan(prepared, context, { folder, signal });
  const plan = computation.kind === "plan" ? computation.plan : spooled;
  if (plan === undefined) throw new TypeError("a feature is either a plan or a function");
  const files = spooled === undefined ? sources : await madeFiles(spooled);
  const reaches = options.whole === undefined ? boundedReaches(plan, timestamp) : undefined;
  let whole = options.whole ?? whyWhole(resolved);
  if (reaches !== undefined) {
    const rows = await withDays(plan, reaches, files, whole);
    if (areWithinYears(rows)) return rows;
    whole = "a source has times at the edge of the years 1 to 9999";
  }
  const url = pathToFileURL(join(folder, "whole.parquet")).href;
  // All files together, as a feature without periods reads them.
  const bound = bindScans(plan, ({ source }) => files.get(source));
  await checkTies(engine, feature.name, bound, signal);
  await engine.write(bound, { url, format: "parquet" }, { signal });
  const rows: Scan = { op: "scan", source: feature.name, format: { kind: "parquet" }, paths: [url], columns: schemaOf(plan) };
  const own = boundedReaches(rows, timestamp);
  if (own === undefined) throw new TypeError("the times in a file bound its rows");
  return withDays(rows, own, await madeFiles(rows), whole);
}

/** Returns the reason why a build always computes all rows of a feature, or undefined if it can compute each period separately. */
export function whyWhole({ computation, timestamp }: ResolvedFeature): string | undefined {
  if (computation.kind === "batches") return "a TypeScript function can combine rows of any time";
  const isBounded = timestamp !== undefined && boundedReaches(computation.plan, timestamp) !== undefined;
  return isBounded ? undefined : whyUnbounded(computation.plan);
}

/** Returns the reaches of the scans of a plan, or undefined if a row of the plan can exist without a source row near its time. */
function boundedReaches(plan: Plan, timestamp: string): Reaches | undefined {
  const reaches = reachesOf(plan, timestamp);
  const makes = [...(reaches?.values() ?? [])].some((reach) => reach?.make !== undefined);
  return makes ? reaches : undefined;
}

function stateOf({ state }: SourceFile): string {
  return state;
}

/** Returns the temporary files that a plan reads, described like files of a source. */
async function madeFiles(plan: Plan): Promise<ReadonlyMap<string, SourceFiles>> {
  const scans: Scan[] = [];
  mapScans(plan, (scan) => {
    scans.push(scan);
    return scan;
  });
  const found = new Map<string, SourceFiles>();
  for (const { source, paths } of scans) {
    const files: SourceFile[] = [];
    for (const url of paths) {
      const { size } = await stat(fileURLToPath(url));
      files.push({ path: url, url, size, state: url, currentState: async () => url });
    }
    found.set(source, { source, files });
  }
  return found;
}
