import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addFeatureOptions, parseCount } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { BuildFlags } from "./run.js";

export function addBuild(program: Command): void {
  const described = program.command("build").description("Build the features whose definition or data changed, and publish new versions.");
  const command = addFeatureOptions(described, "build")
    .option("--version <X.Y.Z>", "publish under this version number instead of the next one")
    .option("--force", "publish a patch version even if nothing changed")
    .option("--rehash", "hash every source file, even if its recorded hash is current")
    .option("--fail-fast", "stop at the first feature that fails")
    .option("--concurrency <count>", "number of features to compute at a time; defaults to what suits the engine", parseCount);
  addSharedOptions(command).action(async (flags: BuildFlags) => {
    const { build } = await import("./run.js");
    await run(command, (context) => build(context, flags));
  });
  addExamples(command, [
    ["mlforge build", "build what changed"],
    ["mlforge build --features airport_delay,route_delay", "build two features"],
    ["mlforge build --tags daily --json", "build by tag, in a script"],
  ]);
}
