import type { Command } from "commander";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { run } from "./run.js";

export function addLog(program: Command): void {
  const command = program
    .command("log")
    .description("Show which version of a feature was latest since when, who made it so, and why.")
    .argument("<feature>", "its name");
  addSharedOptions(command).action(async (name: string) => {
    const { log } = await import("../commands/log.js");
    await run(command, (context) => log(context, name));
  });
  addExamples(command, [
    ["mlforge log airport_delay", "the newest first"],
    ["mlforge log airport_delay --json", "for a script"],
  ]);
}
