import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expectSame } from "./compare.js";
import { flightsFile } from "./flights.js";
import { doneSchema } from "./job.js";
import { machineSchema, thisMachine } from "./machine.js";
import type { RollingSide } from "./rolling-job.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { type Measured, measure, measuredSchema } from "./side.js";

export const rollingResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  cases: v.array(
    v.object({
      events: v.number(),
      mlforge: measuredSchema,
      tiles: measuredSchema,
      /** Run once. */
      buckets: measuredSchema,
    }),
  ),
});

export type RollingResults = v.InferOutput<typeof rollingResultsSchema>;

/** Measures our roll-up and the same tiles by hand in turns, after one run of each that does not count. Throws where their rows differ. */
export async function benchRolling(eventCounts: readonly number[], runs: number, log: (line: string) => void): Promise<RollingResults> {
  const machine = thisMachine();
  const cases = [];
  for (const events of eventCounts) {
    const source = await flightsFile(events);
    const done: Record<RollingSide, Measured[]> = { mlforge: [], tiles: [], buckets: [] };
    const runSide = async (side: RollingSide, folder: string): Promise<Measured & { readonly file: string }> => {
      mkdirSync(join(folder, side));
      const { output } = await runChild("rolling", { side, source, folder: join(folder, side) });
      const told = v.parse(doneSchema, JSON.parse(output));
      log(`${events} events, ${side}: ${Math.round(told.ms)} ms`);
      return told;
    };
    for (let run = 0; run <= runs; run++) {
      await inScratchFolder(async (folder) => {
        const [mlforge, tiles] = [await runSide("mlforge", folder), await runSide("tiles", folder)];
        await expectSame(mlforge.file, tiles.file);
        if (run > 0) {
          done.mlforge.push(mlforge);
          done.tiles.push(tiles);
        }
        if (run === runs) done.buckets.push(await runSide("buckets", folder));
      });
    }
    cases.push({ events, mlforge: measure(done.mlforge), tiles: measure(done.tiles), buckets: measure(done.buckets) });
  }
  return { machine, runs, cases };
}
