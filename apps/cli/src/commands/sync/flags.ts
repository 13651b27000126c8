import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addFeatureOptions, parseCount } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { SyncFlags } from "./run.js";

export function addSync(program: Command): void {
  const described = program
    .command("sync")
    .description("Rebuild missing data of the latest versions, for example after a Git clone, exactly as published.");
  const command = addFeatureOptions(described, "sync")
    .option("--dry-run", "show what is missing and whether it can be rebuilt; rebuild nothing")
    .option("--force", "publish a new version if the data can no longer be rebuilt exactly")
    .option("--verify", "also check existing data against its SHA-256")
    .option("--concurrency <count>", "number of features to compute at a time; defaults to what suits the engine", parseCount);
  addSharedOptions(command).action(async (flags: SyncFlags) => {
    const { sync } = await import("./run.js");
    await run(command, (context) => sync(context, flags));
  });
  addExamples(command, [
    ["mlforge sync --dry-run", "show what is missing"],
    ["mlforge sync", "rebuild missing data"],
    ["mlforge sync --force", "also publish new versions if sources changed"],
  ]);
}
