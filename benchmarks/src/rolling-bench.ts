import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expectSame } from "./compare.js";
import { flightsFile } from "./flights.js";
import { doneSchema } from "./job.js";
import { machineSchema, thisMachine } from "./machine.js";
import { type RollingSide, type RollingWindows, rollingWindows } from "./rolling-job.js";
import { runChild } from "./run-child.js";
import { inScratchFolder } from "./scratch.js";
import { type Measured, measure, measuredSchema } from "./side.js";

export const rollingResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  cases: v.array(
    v.object({
      events: v.number(),
      windows: v.optional(v.picklist(rollingWindows), "merged"),
      mlforge: measuredSchema,
      tiles: measuredSchema,
      /** Run once, for merged windows. */
      buckets: v.optional(measuredSchema),
    }),
  ),
});

export type RollingResults = v.InferOutput<typeof rollingResultsSchema>;

/** Unmerged windows join each event with every day of the month after it. */
const unmergedShare = 1 / 10;

/** Measures our roll-up and the same windows by hand in turns, after one run of each that does not count. Throws where their rows differ. */
export async function benchRolling(eventCounts: readonly number[], runs: number, log: (line: string) => void): Promise<RollingResults> {
  const machine = thisMachine();
  const cases: RollingResults["cases"] = [];
  for (const count of eventCounts)
    for (const windows of rollingWindows)
      cases.push(await benchWindows(windows, windows === "unmerged" ? count * unmergedShare : count, runs, log));
  return { machine, runs, cases };
}

async function benchWindows(
  windows: RollingWindows,
  events: number,
  runs: number,
  log: (line: string) => void,
): Promise<RollingResults["cases"][number]> {
  const source = await flightsFile(events);
  const done: Record<RollingSide, Measured[]> = { mlforge: [], tiles: [], buckets: [] };
  const runSide = async (side: RollingSide, folder: string): Promise<Measured & { readonly file: string }> => {
    mkdirSync(join(folder, side));
    const { output } = await runChild("rolling", { side, windows, source, folder: join(folder, side) });
    const told = v.parse(doneSchema, JSON.parse(output));
    log(`${events} events, ${windows}, ${side}: ${Math.round(told.ms)} ms`);
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
      if (run === runs && windows === "merged") done.buckets.push(await runSide("buckets", folder));
    });
  }
  const buckets = done.buckets.length === 0 ? undefined : measure(done.buckets);
  return { events, windows, mlforge: measure(done.mlforge), tiles: measure(done.tiles), buckets };
}
