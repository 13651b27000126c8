import { createRequire } from "node:module";
import { join } from "node:path";
import * as v from "valibot";
import { machineSchema, thisMachine } from "./machine.js";
import { runNode } from "./run-child.js";
import { spreadOf, spreadSchema } from "./spread.js";

export const startupResultsSchema = v.object({
  machine: machineSchema,
  runs: v.number(),
  /** Milliseconds of whole processes: of `mlforge --help`, and of Node doing nothing. */
  help: spreadSchema,
  node: spreadSchema,
});

export type StartupResults = v.InferOutput<typeof startupResultsSchema>;

export async function benchStartup(runs: number): Promise<StartupResults> {
  const machine = thisMachine();
  const cli = createRequire(import.meta.url).resolve("@mlforge/cli/package.json");
  const help = [join(cli, "../bin/mlforge.js"), "--help"];
  const node = ["-e", "0"];
  const times: { readonly help: number; readonly node: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    const pair = { help: (await runNode(help)).ms, node: (await runNode(node)).ms };
    if (run > 0) times.push(pair);
  }
  return { machine, runs, help: spreadOf(times.map((pair) => pair.help)), node: spreadOf(times.map((pair) => pair.node)) };
}
