import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { run } from "../run/flags.js";

export function addProfile(program: Command): void {
  const command = program.command("profile").description("Show the chosen profile and where it keeps features.");
  addSharedOptions(command).action(async () => {
    const { profile } = await import("./run.js");
    await run(command, profile);
  });
  addExamples(command, [
    ["mlforge profile", "show the default profile"],
    ["mlforge profile --profile prod", "show another profile"],
    ["MLFORGE_PROFILE=prod mlforge profile --json", "print JSON, in a script"],
  ]);
}
