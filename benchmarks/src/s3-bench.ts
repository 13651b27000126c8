import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { machineSchema, thisMachine } from "./machine.js";
import { runChild } from "./run-child.js";
import { dataKey, type S3Job, s3Tasks } from "./s3-job.js";
import { startS3Server } from "./s3-server.js";
import { wideVersion } from "./s3-version.js";
import { inScratchFolder } from "./scratch.js";
import { type Measured, measure, measuredSchema } from "./side.js";

export const s3ResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  fileBytes: v.number(),
  cases: v.array(
    v.object({
      task: v.picklist(s3Tasks),
      mlforge: measuredSchema,
      sdk: measuredSchema,
      /** Of objects, that the server sent to ours. */
      sentBytes: v.number(),
    }),
  ),
});

export type S3Results = v.InferOutput<typeof s3ResultsSchema>;

const doneSchema = v.object({ ms: v.number(), peakBytes: v.number() });

/** Measures uploads and downloads of a version and the same with the SDK alone in turns, after one run of each that does not count. */
export async function benchS3(rows: number, runs: number, log: (line: string) => void): Promise<S3Results> {
  const machine = thisMachine();
  const folder = await wideVersion(rows);
  const file = join(folder, dataKey);
  await using server = await startS3Server(folder);
  const cases = [];
  for (const task of s3Tasks) {
    const done: Record<S3Job["side"], Measured[]> = { mlforge: [], sdk: [] };
    let sentBytes = 0;
    for (let run = 0; run <= runs; run++) {
      // Whoever goes second may find the machine busy with what the first one left.
      for (const side of run % 2 === 0 ? (["mlforge", "sdk"] as const) : (["sdk", "mlforge"] as const)) {
        const told = await inScratchFolder((scratch) => runSide({ side, task, endpoint: server.endpoint, file, folder: scratch }));
        const sent = await server.sent();
        if (side === "mlforge") sentBytes = sent;
        if (run > 0) done[side].push(told);
        const megabytes = Math.round(told.peakBytes / 1e6);
        log(`${task} ${run === 0 ? "warm-up" : run}, ${side}: ${Math.round(told.ms)} ms, ${megabytes} MB, ${sent} bytes sent`);
      }
    }
    cases.push({ task, mlforge: measure(done.mlforge), sdk: measure(done.sdk), sentBytes });
  }
  return { machine, runs, fileBytes: statSync(file).size, cases };
}

async function runSide(job: S3Job): Promise<Measured> {
  mkdirSync(job.folder, { recursive: true });
  const { output } = await runChild("s3", job);
  return v.parse(doneSchema, JSON.parse(output));
}
