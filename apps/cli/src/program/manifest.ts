import type { Command } from "commander";
import type { ManifestFlags } from "../commands/manifest.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { run } from "./run.js";

export function addManifest(program: Command): void {
  const command = program
    .command("manifest")
    .description("Show the whole store in one document: every feature in it, with all its versions.")
    .option("--write", "write it to manifest.json in the root of the store");
  addSharedOptions(command).action(async (flags: ManifestFlags) => {
    const { manifest } = await import("../commands/manifest.js");
    await run(command, (context) => manifest(context, flags));
  });
  addExamples(command, [
    ["mlforge manifest", "a line for each feature"],
    ["mlforge manifest --json", "everything"],
    ["mlforge manifest --write", "for those that read the store without mlforge"],
  ]);
}
