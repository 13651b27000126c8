import type { Command } from "commander";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { parseCount } from "./arguments.js";
import { run } from "./run.js";

export function addPreview(program: Command): void {
  const command = program
    .command("preview")
    .description("Show some rows: computed from the definition now, or with --version read from what was published.")
    .argument("<feature>", "its name")
    .option("--rows <count>", "how many rows", parseCount, 5)
    .option("--version <version>", "a version, a range such as ^1.0, or latest");
  addSharedOptions(command).action(async (name: string, flags: { rows: number; version?: string }) => {
    const { preview } = await import("../commands/preview.js");
    await run(command, (context) => preview(context, name, flags));
  });
  addExamples(command, [
    ["mlforge preview airport_delay", "compute it now, publish nothing"],
    ["mlforge preview airport_delay --version latest --rows 20", "what was published"],
    ["mlforge preview airport_delay --json", "for a script"],
  ]);
}
