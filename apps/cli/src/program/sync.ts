import type { Command } from "commander";
import type { SyncFlags } from "../commands/sync.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames, parseCount } from "./arguments.js";
import { run } from "./run.js";

export function addSync(program: Command): void {
  const command = program
    .command("sync")
    .description("Rebuild the data of the latest versions where it is missing, as after a Git clone, exactly as it was published.")
    .option("--features <names>", "only these, separated by commas", addNames)
    .option("--tags <tags>", "only features with one of these tags, separated by commas", addNames)
    .option("--dry-run", "say what is missing and whether it can be rebuilt, and rebuild nothing")
    .option("--force", "publish a new version of what cannot be built again as it was")
    .option("--verify", "also hold the data that is there against its SHA-256")
    .option("--concurrency <count>", "how many features to compute at a time, instead of what the engine is best at", parseCount);
  addSharedOptions(command).action(async (flags: SyncFlags) => {
    const { sync } = await import("../commands/sync.js");
    await run(command, (context) => sync(context, flags));
  });
  addExamples(command, [
    ["mlforge sync --dry-run", "what is missing"],
    ["mlforge sync", "rebuild it"],
    ["mlforge sync --force", "and publish anew what has changed since"],
  ]);
}
