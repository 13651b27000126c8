import { createHash } from "node:crypto";
import { createReadStream, readdirSync, statSync } from "node:fs";
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
      /** Of objects, between the server and ours. */
      movedBytes: v.number(),
    }),
  ),
});

export type S3Results = v.InferOutput<typeof s3ResultsSchema>;

const doneSchema = v.object({ ms: v.number(), peakBytes: v.number() });

/** Measures uploads and downloads of a version and the same with the SDK alone in turns, after one run of each that does not count. */
export async function benchS3(rows: number, runs: number, log: (line: string) => void): Promise<S3Results> {
  const machine = thisMachine();
  // What a client signs its requests with; the server does not look.
  process.env.AWS_ACCESS_KEY_ID = "benchmark";
  process.env.AWS_SECRET_ACCESS_KEY = "benchmark";
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const folder = await wideVersion(rows);
  const file = join(folder, dataKey);
  const fileBytes = statSync(file).size;
  await using server = await startS3Server(folder);
  const cases = [];
  for (const task of s3Tasks) {
    const done: Record<S3Job["side"], Measured[]> = { mlforge: [], sdk: [] };
    let movedBytes = 0;
    for (let run = 0; run <= runs; run++) {
      // Whoever goes second may find the machine busy with what the first one left.
      for (const side of run % 2 === 0 ? (["mlforge", "sdk"] as const) : (["sdk", "mlforge"] as const)) {
        const told = await inScratchFolder((scratch) => runSide({ side, task, endpoint: server.endpoint, file, folder: scratch }));
        const moved = await server.moved();
        if (side === "mlforge") movedBytes = moved;
        if (moved < fileBytes && !(task === "columns" && side === "mlforge")) throw new Error(`only ${moved} of ${fileBytes} bytes moved`);
        if (run > 0) done[side].push(told);
        const megabytes = Math.round(told.peakBytes / 1e6);
        log(`${task} ${run === 0 ? "warm-up" : run}, ${side}: ${Math.round(told.ms)} ms, ${megabytes} MB, ${moved} bytes moved`);
      }
    }
    cases.push({ task, mlforge: measure(done.mlforge), sdk: measure(done.sdk), movedBytes });
  }
  return { machine, runs, fileBytes, cases };
}

async function runSide(job: S3Job): Promise<Measured> {
  const { output } = await runChild("s3", job);
  if (job.task === "download") await expectCopy(job);
  return v.parse(doneSchema, JSON.parse(output));
}

/** Throws unless the folder holds a file with the bytes of the one that was downloaded. */
async function expectCopy({ file, folder }: S3Job): Promise<void> {
  const wanted = await hashOf(file);
  const size = statSync(file).size;
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  for (const path of found) if (statSync(path).size === size && (await hashOf(path)) === wanted) return;
  throw new Error(`what was downloaded to ${folder} is not ${file}`);
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(file, { highWaterMark: 1_024 ** 2 })) hash.update(part);
  return hash.digest("hex");
}
