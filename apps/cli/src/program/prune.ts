import type { Command } from "commander";
import type { PruneFlags } from "../commands/prune.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames, addText, parseIndex } from "./arguments.js";
import { run } from "./run.js";

export function addPrune(program: Command): void {
  const command = program
    .command("prune")
    .description("Show which old versions nothing needs, and with --yes remove them.")
    .option("--keep <count>", "how many of the highest versions of each feature stay, whatever their age", parseIndex, 5)
    .option("--older-than <duration>", "what was published within this time stays", "30d")
    .option("--features <names>", "only these, separated by commas", addNames)
    .option("--pin <name@version>", "a version that stays, or all of a range: a@^1.0; once for each", addText)
    .option("--lock <paths>", "lock files of training sets whose versions stay; those in the project folder are found", addNames)
    .option("--yes", "remove them");
  addSharedOptions(command).action(async (flags: PruneFlags) => {
    const { prune } = await import("../commands/prune.js");
    await run(command, (context) => prune(context, flags));
  });
  addExamples(command, [
    ["mlforge prune", "what would go; nothing is removed"],
    ["mlforge prune --keep 3 --older-than 90d --pin airport_delay@^1.0 --yes", "remove it"],
    ["mlforge prune --lock ../models/train.lock --json", "for a script"],
  ]);
}
