import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { parseCount } from "../arguments/flags.js";
import { run } from "../run/flags.js";

export function addPreview(program: Command): void {
  const command = program
    .command("preview")
    .description("Show some rows of a feature. Computes them from the current definition, or reads a published version with --version.")
    .argument("<feature>", "name of the feature")
    .option("--rows <count>", "number of rows to show", parseCount, 5)
    .option("--version <version>", "published version to read: a version, a range such as ^1.0, or latest");
  addSharedOptions(command).action(async (name: string, flags: { rows: number; version?: string }) => {
    const { preview } = await import("./run.js");
    await run(command, (context) => preview(context, name, flags));
  });
  addExamples(command, [
    ["mlforge preview airport_delay", "compute rows, publish nothing"],
    ["mlforge preview airport_delay --version latest --rows 20", "read published rows"],
    ["mlforge preview airport_delay --json", "print JSON, in a script"],
  ]);
}
