import type { Command } from "commander";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { run } from "./run.js";

export function addProfile(program: Command): void {
  const command = program.command("profile").description("Show which profile is used, and where its features live.");
  addSharedOptions(command).action(async () => {
    const { profile } = await import("../commands/profile.js");
    await run(command, profile);
  });
  addExamples(command, [
    ["mlforge profile", "the one in use, and the others"],
    ["mlforge profile --profile prod", "another one"],
    ["MLFORGE_PROFILE=prod mlforge profile --json", "for a script"],
  ]);
}
