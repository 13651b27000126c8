import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addFeatureOptions } from "../arguments/flags.js";
import { run } from "../run/flags.js";

export function addValidate(program: Command): void {
  const described = program
    .command("validate")
    .description("Compute features, check their keys, and run their validators. Publishes nothing.");
  const command = addFeatureOptions(described, "validate");
  addSharedOptions(command).action(async (flags: { features?: string[]; tags?: string[] }) => {
    const { validate } = await import("./run.js");
    await run(command, (context) => validate(context, flags));
  });
  addExamples(command, [
    ["mlforge validate", "validate all features"],
    ["mlforge validate --features airport_delay", "validate one feature"],
    ["mlforge validate --tags daily --json", "validate by tag, in a script"],
  ]);
}
