import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { run } from "../run/flags.js";
import type { ManifestFlags } from "./run.js";

export function addManifest(program: Command): void {
  const command = program
    .command("manifest")
    .description("Show all features and versions in the store.")
    .option("--write", "also write the manifest to manifest.json in the root of the store");
  addSharedOptions(command).action(async (flags: ManifestFlags) => {
    const { manifest } = await import("./run.js");
    await run(command, (context) => manifest(context, flags));
  });
  addExamples(command, [
    ["mlforge manifest", "print a line for each feature"],
    ["mlforge manifest --json", "print the whole manifest"],
    ["mlforge manifest --write", "write it for tools that read the store without mlforge"],
  ]);
}
