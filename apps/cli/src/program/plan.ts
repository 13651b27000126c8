import type { Command } from "commander";
import type { PlanFlags } from "../commands/plan.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames } from "./arguments.js";
import { run } from "./run.js";

export function addPlan(program: Command): void {
  const command = program
    .command("plan")
    .description("Show what a build would do and why, without doing it.")
    .option("--features <names>", "only these, separated by commas", addNames)
    .option("--tags <tags>", "only features with one of these tags, separated by commas", addNames)
    .option("--version <X.Y.Z>", "as if the build was given this number")
    .option("--force", "as if the build was forced")
    .option("--check", "end with 3 if a build would publish a new major version")
    .option("--markdown", "print it as Markdown, for a comment on a pull request");
  addSharedOptions(command).action(async (flags: PlanFlags) => {
    const { plan } = await import("../commands/plan.js");
    await run(command, (context) => plan(context, flags));
  });
  addExamples(command, [
    ["mlforge plan", "what a build would do now"],
    ["mlforge plan --features airport_delay", "of one feature"],
    ["mlforge plan --check --markdown > plan.md", "for a pull request"],
  ]);
  command.addHelpText("after", "\nExit codes: 0 all well, 1 a feature cannot be planned, 3 with --check a major change.");
}
