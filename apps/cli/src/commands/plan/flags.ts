import type { Command } from "commander";
import { addExamples, addNote } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addFeatureOptions } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { PlanFlags } from "./run.js";

export function addPlan(program: Command): void {
  const described = program.command("plan").description("Show what a build would do, and why. Writes nothing.");
  const command = addFeatureOptions(described, "plan")
    .option("--version <X.Y.Z>", "plan a build with this version number")
    .option("--force", "plan a build with --force")
    .option("--rehash", "hash every source file, even if its recorded hash is current")
    .option("--check", "exit with code 3 if a build would publish a major version")
    .option("--markdown", "print Markdown, for a pull request comment");
  addSharedOptions(command).action(async (flags: PlanFlags) => {
    const { plan } = await import("./run.js");
    await run(command, (context) => plan(context, flags));
  });
  addExamples(command, [
    ["mlforge plan", "plan all features"],
    ["mlforge plan --features airport_delay", "plan one feature"],
    ["mlforge plan --check --markdown > plan.md", "check a pull request"],
  ]);
  addNote(command, "Exit codes: 0 success, 1 a feature cannot be planned, 3 a major change with --check.");
}
