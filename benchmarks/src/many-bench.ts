import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expectSame } from "./compare.js";
import { flightsFile } from "./flights.js";
import { machineSchema, thisMachine } from "./machine.js";
import { type ManySide, manyDoneSchema, manyFeatures } from "./many-job.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { measure, measuredSchema } from "./side.js";
import { textOf } from "./text-of.js";

const formats = ["csv", "parquet"] as const;

export const manyResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  rows: v.number(),
  features: v.number(),
  cases: v.array(v.object({ format: v.picklist(formats), build: measuredSchema, builds: measuredSchema, sql: measuredSchema })),
});

export type ManyResults = v.InferOutput<typeof manyResultsSchema>;

/** Measures one build of many features, a build for each, and SQL by hand, in turns. Throws where their rows differ. */
export async function benchMany(rows: number, runs: number, log: (line: string) => void): Promise<ManyResults> {
  const machine = thisMachine();
  const parquet = await flightsFile(rows);
  const sources = { parquet, csv: await textOf(parquet, "csv") };
  const cases = [];
  for (const format of formats) {
    const done: Record<ManySide, v.InferOutput<typeof manyDoneSchema>[]> = { build: [], builds: [], sql: [] };
    for (let run = 0; run <= runs; run++) {
      await inScratchFolder(async (folder) => {
        const runSide = async (side: ManySide): Promise<v.InferOutput<typeof manyDoneSchema>> => {
          mkdirSync(join(folder, side));
          const { output } = await runChild("many", { side, source: sources[format], folder: join(folder, side) });
          const told = v.parse(manyDoneSchema, JSON.parse(output));
          log(`${format}, ${side}: ${Math.round(told.ms)} ms`);
          if (run > 0) done[side].push(told);
          return told;
        };
        const [build, builds, sql] = [await runSide("build"), await runSide("builds"), await runSide("sql")];
        if (run > 0) return;
        for (const [index, file] of sql.files.entries()) {
          await expectSame(build.files[index] ?? "", file);
          await expectSame(builds.files[index] ?? "", file);
        }
      });
    }
    cases.push({ format, build: measure(done.build), builds: measure(done.builds), sql: measure(done.sql) });
  }
  return { machine, runs, rows, features: manyFeatures, cases };
}
