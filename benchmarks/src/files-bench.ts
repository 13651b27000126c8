import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expectSame } from "./compare.js";
import { type FilesJob, filesDoneSchema } from "./files-job.js";
import { machineSchema, thisMachine } from "./machine.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { measure, measuredSchema } from "./side.js";
import { spreadOf, spreadSchema } from "./spread.js";

const sideSchema = v.object({ ...measuredSchema.entries, cpu: spreadSchema });

const filesResultsSchema = v.object({ machine: machineSchema, runs: v.number(), files: v.number(), mlforge: sideSchema, copy: sideSchema });

export type FilesResults = v.InferOutput<typeof filesResultsSchema>;

type Done = v.InferOutput<typeof filesDoneSchema>;

const filesAtOnce = 400;

/** Measures a first build over files of 1,000 rows and a COPY of the same rows in turns, after one run of each that does not count. */
export async function benchFiles(files: number, runs: number, log: (line: string) => void): Promise<FilesResults> {
  const machine = thisMachine();
  const done: Record<FilesJob["side"], Done[]> = { mlforge: [], copy: [] };
  await inScratchFolder(async (folder) => {
    const sources = join(folder, "sources");
    mkdirSync(sources);
    // An argument of a process cannot be longer.
    for (let first = 0; first < files; first += filesAtOnce) {
      const some = Array.from({ length: Math.min(filesAtOnce, files - first) }, (_, index) => first + index);
      await runChild("sql", { statement: some.map((file) => copyOf(file, join(sources, `${file}.parquet`))).join(";\n") });
    }
    for (let run = 0; run <= runs; run++) {
      const runSide = async (side: FilesJob["side"]): Promise<Done> => {
        const place = join(folder, `${side}${run}`);
        mkdirSync(place);
        const { output } = await runChild("files", { side, source: join(sources, "*.parquet"), folder: place });
        const told = v.parse(filesDoneSchema, JSON.parse(output));
        log(`${files} files, ${side}: ${Math.round(told.ms)} ms, ${Math.round(told.cpuMs)} ms of processors`);
        return told;
      };
      const [mlforge, copy] = [await runSide("mlforge"), await runSide("copy")];
      await expectSame(mlforge.file, copy.file);
      if (run === 0) continue;
      done.mlforge.push(mlforge);
      done.copy.push(copy);
    }
  });
  const side = (of: readonly Done[]): v.InferOutput<typeof sideSchema> => ({ ...measure(of), cpu: spreadOf(of.map(({ cpuMs }) => cpuMs)) });
  return { machine, runs, files, mlforge: side(done.mlforge), copy: side(done.copy) };
}

function copyOf(file: number, path: string): string {
  const rows = `SELECT i * 7919 % 100 + ${file} AS id, TIMESTAMP '2024-01-01' + to_minutes(i) AS "at", (i * 31 + ${file}) % 1000 / 1000 AS x FROM range(1000) r(i)`;
  return `COPY (${rows}) TO '${path}' (FORMAT parquet)`;
}
