import type { Command } from "commander";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames } from "./arguments.js";
import { run } from "./run.js";

export function addBuild(program: Command): void {
  const command = program
    .command("build")
    .description("Build the features whose definition or data changed, and publish them as new versions.")
    .option("--features <names>", "only these, separated by commas", addNames)
    .option("--tags <tags>", "only features with one of these tags, separated by commas", addNames)
    .option("--version <X.Y.Z>", "publish under this number instead of the next one")
    .option("--force", "build a new patch version where nothing changed");
  addSharedOptions(command).action(async (flags: { features?: string[]; tags?: string[]; version?: string; force?: boolean }) => {
    const { build } = await import("../commands/build.js");
    await run(command, (context) => build(context, flags));
  });
  addExamples(command, [
    ["mlforge build", "what changed"],
    ["mlforge build --features airport_delay,route_delay", "two features"],
    ["mlforge build --tags daily --json", "by tag, for a script"],
  ]);
}
