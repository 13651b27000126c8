import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expectSame } from "./compare.js";
import { doneSchema } from "./job.js";
import { machineSchema, thisMachine } from "./machine.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { type Measured, measure, measuredSchema } from "./side.js";
import { labelsFile } from "./training-data.js";
import { publishFeatures } from "./training-features.js";
import { type TrainingCase, type TrainingJob, trainingCaseSchema } from "./training-job.js";

export const trainingResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  cases: v.array(
    v.object({
      ...trainingCaseSchema.entries,
      mlforge: measuredSchema,
      /** Absent in little memory, where the question is whether ours completes. */
      sql: v.optional(measuredSchema),
    }),
  ),
});

export type TrainingResults = v.InferOutput<typeof trainingResultsSchema>;

/** Measures training sets and as-of joins by hand in turns, after one run of each that does not count. Throws where their rows differ. */
export async function benchTraining(cases: readonly TrainingCase[], runs: number, log: (line: string) => void): Promise<TrainingResults> {
  const machine = thisMachine();
  const results = [];
  for (const each of cases) {
    const isCompared = each.memoryLimit === undefined;
    const [mlforge, sql]: [Measured[], Measured[]] = [[], []];
    for (let run = 0; run <= runs; run++) {
      await inScratchFolder(async (folder) => {
        const ours = await runSide("mlforge", each, folder);
        log(`${JSON.stringify(each)} ${run === 0 ? "warm-up" : run}: mlforge ${Math.round(ours.ms)} ms`);
        if (run > 0) mlforge.push(ours);
        if (!isCompared) return;
        const theirs = await runSide("sql", each, folder);
        log(`${JSON.stringify(each)} ${run === 0 ? "warm-up" : run}: SQL ${Math.round(theirs.ms)} ms`);
        await expectSame(ours.file, theirs.file);
        if (run > 0) sql.push(theirs);
      });
    }
    results.push({ ...each, mlforge: measure(mlforge), sql: isCompared ? measure(sql) : undefined });
  }
  return { machine, runs, cases: results };
}

async function runSide(side: TrainingJob["side"], each: TrainingCase, parent: string): Promise<Measured & { readonly file: string }> {
  const folder = join(parent, side);
  mkdirSync(folder);
  const { labels, features, featureRows, memoryLimit } = each;
  await publishFeatures(features, featureRows);
  const form = side === "sql" ? "parquet" : (each.form ?? "parquet");
  const file = await labelsFile(labels, form === "csv" || form === "ndjson" ? form : "parquet");
  const job: TrainingJob = { side, labelsFile: file, form, features, featureRows, memoryLimit, folder };
  const { output } = await runChild("training", job);
  return v.parse(doneSchema, JSON.parse(output));
}
