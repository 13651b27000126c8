import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type Case, caseSchema, casesOf } from "./cases.js";
import { expectSame } from "./compare.js";
import { flightsFile } from "./flights.js";
import { type Done, doneSchema } from "./job.js";
import { machineSchema, thisMachine } from "./machine.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { spreadOf, spreadSchema } from "./spread.js";

const sideSchema = v.object({
  /** Milliseconds of the job alone. */
  job: spreadSchema,
  /** Milliseconds of its whole process. */
  process: spreadSchema,
  /** Peak resident memory of the process, in bytes. */
  peak: spreadSchema,
  fileBytes: v.number(),
});

export const buildResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  cases: v.array(
    v.object({
      ...caseSchema.entries,
      mlforge: sideSchema,
      copy: sideSchema,
      /** In what the two files agree. */
      same: v.picklist(["bytes", "rows"]),
      /** Milliseconds after the start of the job at which each step of the build began; medians. */
      steps: v.record(v.string(), v.number()),
    }),
  ),
});

export type BuildResults = v.InferOutput<typeof buildResultsSchema>;
type CaseResult = BuildResults["cases"][number];

interface Run extends Done {
  readonly processMs: number;
  readonly fileBytes: number;
}

/** Measures our build and the COPY in turns, after one run of each that does not count. Throws where their files differ. */
export async function benchBuild(rowCounts: readonly number[], runs: number, log: (line: string) => void): Promise<BuildResults> {
  const machine = thisMachine();
  const cases: CaseResult[] = [];
  for (const each of casesOf(rowCounts)) {
    const source = await flightsFile(each.rows);
    const pairs = [];
    let same: CaseResult["same"] = "bytes";
    for (let run = 0; run <= runs; run++) {
      const pair = await runPair(each, source);
      if (pair.same === "rows") same = "rows";
      if (run > 0) pairs.push(pair);
      const { mlforge, copy } = pair;
      log(`${JSON.stringify(each)} ${run === 0 ? "warm-up" : run}: ${Math.round(mlforge.ms)} ms, COPY ${Math.round(copy.ms)} ms`);
    }
    const [mlforge, copy] = [pairs.map((pair) => pair.mlforge), pairs.map((pair) => pair.copy)];
    cases.push({ ...each, mlforge: sideOf(mlforge), copy: sideOf(copy), same, steps: stepsOf(mlforge) });
  }
  return { machine, runs, cases };
}

function runPair(each: Case, source: string): Promise<{ mlforge: Run; copy: Run; same: CaseResult["same"] }> {
  return inScratchFolder(async (folder) => {
    const mlforge = await runSide("mlforge", each, source, join(folder, "mlforge"));
    const copy = await runSide("copy", each, source, join(folder, "copy"));
    return { mlforge, copy, same: await expectSame(mlforge.file, copy.file) };
  });
}

async function runSide(side: "mlforge" | "copy", each: Case, source: string, folder: string): Promise<Run> {
  mkdirSync(folder);
  const { ms, output } = await runChild(side, { ...each, source, folder });
  const done = v.parse(doneSchema, JSON.parse(output));
  return { ...done, processMs: ms, fileBytes: statSync(done.file).size };
}

function sideOf(runs: readonly Run[]): v.InferOutput<typeof sideSchema> {
  return {
    job: spreadOf(runs.map((run) => run.ms)),
    process: spreadOf(runs.map((run) => run.processMs)),
    peak: spreadOf(runs.map((run) => run.peakBytes)),
    fileBytes: runs[0]?.fileBytes ?? 0,
  };
}

function stepsOf(runs: readonly Run[]): Record<string, number> {
  const names = Object.keys(runs[0]?.steps ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(runs.map((run) => run.steps?.[name] ?? Number.NaN)).median]));
}
