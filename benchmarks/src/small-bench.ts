import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { machineSchema, thisMachine } from "./machine.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { featuresOfSource, smallDoneSchema } from "./small-job.js";
import { spreadOf, spreadSchema } from "./spread.js";

/** The time of a job, and the processor time of all its threads, in milliseconds. */
const takenSchema = v.object({ time: spreadSchema, cpu: spreadSchema });

const smallResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  features: v.number(),
  /** The build into an empty store, and the one after it. */
  first: takenSchema,
  unchanged: takenSchema,
});

export type SmallResults = v.InferOutput<typeof smallResultsSchema>;

/** Measures the build of many features over files of 1,000 rows, and the build after it, each in a process of its own. */
export async function benchSmall(features: number, runs: number, log: (line: string) => void): Promise<SmallResults> {
  const machine = thisMachine();
  const first: v.InferOutput<typeof smallDoneSchema>[] = [];
  const unchanged: typeof first = [];
  await inScratchFolder(async (folder) => {
    for (let source = 0; source < Math.ceil(features / featuresOfSource); source++)
      await runChild("sql", { statement: `COPY (${rowsOf(source)}) TO '${join(folder, `s${source}.parquet`)}' (FORMAT parquet)` });
    for (let run = 0; run <= runs; run++) {
      const place = join(folder, String(run));
      mkdirSync(place);
      const build = async (): Promise<v.InferOutput<typeof smallDoneSchema>> => {
        const { output } = await runChild("small", { features, sources: folder, place });
        const done = v.parse(smallDoneSchema, JSON.parse(output));
        log(`${done.built} built, ${done.skipped} unchanged: ${Math.round(done.ms)} ms, ${Math.round(done.cpuMs)} ms of processors`);
        return done;
      };
      const [one, two] = [await build(), await build()];
      if (one.built !== features || two.skipped !== features) throw new Error(`the builds did not build ${features} features once`);
      if (run === 0) continue;
      first.push(one);
      unchanged.push(two);
    }
  });
  const taken = (of: typeof first): v.InferOutput<typeof takenSchema> => ({
    time: spreadOf(of.map(({ ms }) => ms)),
    cpu: spreadOf(of.map(({ cpuMs }) => cpuMs)),
  });
  return { machine, runs, features, first: taken(first), unchanged: taken(unchanged) };
}

function rowsOf(source: number): string {
  return `SELECT i * 7919 % 100 AS id, TIMESTAMP '2024-01-01' + to_minutes(i) AS at, (i * 31 + ${source}) % 1000 / 1000 AS x FROM range(1000) rows(i)`;
}
