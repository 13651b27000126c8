import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addNames, addText, parseIndex } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { PruneFlags } from "./run.js";

export function addPrune(program: Command): void {
  const command = program
    .command("prune")
    .description("Show which old versions are no longer needed. Removes them with --yes.")
    .option("--keep <count>", "number of highest versions of each feature to keep, regardless of their age", parseIndex, 5)
    .option("--older-than <duration>", "keep versions published within this time", "30d")
    .option("--features <names>", "prune only these features, separated by commas", addNames)
    .option("--pin <name@version>", "keep this version, or all versions of a range such as a@^1.0; repeat for more", addText)
    .option(
      "--lock <paths>",
      "keep the versions that these lock files name; lock files in the project folder are found automatically",
      addNames,
    )
    .option("--yes", "remove the versions");
  addSharedOptions(command).action(async (flags: PruneFlags) => {
    const { prune } = await import("./run.js");
    await run(command, (context) => prune(context, flags));
  });
  addExamples(command, [
    ["mlforge prune", "show what would be removed"],
    ["mlforge prune --keep 3 --older-than 90d --pin airport_delay@^1.0 --yes", "remove old versions"],
    ["mlforge prune --lock ../models/train.lock --json", "print JSON, in a script"],
  ]);
}
