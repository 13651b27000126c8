import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "@mlforge/test-servers";
import * as v from "valibot";
import { flightsFile } from "./flights.js";
import { machineSchema, thisMachine } from "./machine.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { measure, measuredSchema } from "./side.js";
import { spreadOf, spreadSchema } from "./spread.js";
import { type TextJob, textTasks } from "./text-job.js";
import { textOf } from "./text-of.js";

const sideSchema = v.object({ ...measuredSchema.entries, cpu: spreadSchema });

export const textResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  rows: v.number(),
  cases: v.array(v.object({ task: v.picklist(textTasks), bytes: v.number(), mlforge: sideSchema, raw: sideSchema })),
});

export type TextResults = v.InferOutput<typeof textResultsSchema>;

const doneSchema = v.object({ ms: v.number(), cpuMs: v.number(), peakBytes: v.number() });

/** Measures reading text and a table with every check beside reading them with none, in turns. Throws where the rows differ. */
export async function benchText(rows: number, files: number, runs: number, log: (line: string) => void): Promise<TextResults> {
  const machine = thisMachine();
  const parquet = await flightsFile(rows);
  const csv = await textOf(parquet, "csv");
  await using server = await startPostgres();
  server.psql(`CREATE TABLE flights (flight_id int8, date timestamp, delay int8, distance int8, origin text, destination text);
\\copy flights FROM '${csv}' (FORMAT csv, HEADER)`);
  const url = `postgresql://${server.user}:${server.password}@${server.host}:${server.port}/${server.database}`;
  const sources: Readonly<Record<(typeof textTasks)[number], readonly string[]>> = {
    csv: [csv],
    csvInferred: [csv],
    csvMany: [split(csv, files)],
    csvGzip: [await textOf(parquet, "csv.gz")],
    ndjson: [await textOf(parquet, "ndjson")],
    postgres: [url],
  };
  const cases = [];
  for (const task of textTasks) {
    const paths = [...sources[task]];
    const done: Record<TextJob["side"], v.InferOutput<typeof doneSchema>[]> = { mlforge: [], raw: [] };
    for (let run = 0; run <= runs; run++) {
      await inScratchFolder(async (folder) => {
        const runSide = async (side: TextJob["side"]): Promise<void> => {
          const { output } = await runChild("text", { side, task, paths, target: join(folder, side, "rows.parquet") });
          const told = v.parse(doneSchema, JSON.parse(output));
          log(`${task} ${run === 0 ? "warm-up" : run}, ${side}: ${Math.round(told.ms)} ms, ${Math.round(told.cpuMs)} ms of processor`);
          if (run > 0) done[side].push(told);
        };
        for (const side of run % 2 === 0 ? (["mlforge", "raw"] as const) : (["raw", "mlforge"] as const)) await runSide(side);
        if (run > 0) return;
        const ours = task === "postgres" ? join(folder, "mlforge/flights/1.0.0/data.parquet") : join(folder, "mlforge/rows.parquet");
        await expectRows(ours, task === "postgres" ? parquet : join(folder, "raw/rows.parquet"), task);
      });
    }
    const cpu = (side: TextJob["side"]) => spreadOf(done[side].map(({ cpuMs }) => cpuMs));
    const bytes = task === "postgres" ? 0 : statSync(task === "csvMany" ? csv : (paths[0] ?? "")).size;
    cases.push({
      task,
      bytes,
      mlforge: { ...measure(done.mlforge), cpu: cpu("mlforge") },
      raw: { ...measure(done.raw), cpu: cpu("raw") },
    });
  }
  return { machine, runs, rows, cases };
}

/** The same rows: their timestamps are adjusted to UTC on one side, and those of a table are sorted by key. */
async function expectRows(ours: string, theirs: string, task: string): Promise<void> {
  const plain = (file: string) =>
    `SELECT flight_id, strftime(CAST(date AS TIMESTAMP), '%c') AS date, delay, distance, origin, destination FROM '${file}'`;
  const digest = async (file: string): Promise<string> =>
    (
      await runChild("sql", {
        statement: `SET TimeZone = 'UTC'; SELECT count(*) AS rows, sum(hash(r)) AS digest FROM (${plain(file)}) AS r`,
      })
    ).output;
  if ((await digest(ours)) !== (await digest(theirs))) throw new Error(`${task}: the rows differ`);
}

/** Writes the lines of a CSV file to so many files, and returns their folder. */
function split(csv: string, files: number): string {
  const folder = csv.replace(/\.csv$/, `-${files}`);
  const paths = Array.from({ length: files }, (_, index) => join(folder, `${String(index).padStart(5, "0")}.csv`));
  if (existsSync(folder)) return folder;
  const [head = "", ...lines] = readFileSync(csv, "utf8").trimEnd().split("\n");
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished);
  const each = Math.ceil(lines.length / files);
  for (const [index, path] of paths.entries()) {
    const part = lines.slice(index * each, (index + 1) * each);
    writeFileSync(path.replace(folder, unfinished), `${[head, ...part].join("\n")}\n`);
  }
  renameSync(unfinished, folder);
  return folder;
}
