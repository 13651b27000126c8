import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { run } from "../run/flags.js";

export function addLog(program: Command): void {
  const command = program
    .command("log")
    .description("Show which version of a feature was latest when, who made it latest, and why.")
    .argument("<feature>", "name of the feature");
  addSharedOptions(command).action(async (name: string) => {
    const { log } = await import("./run.js");
    await run(command, (context) => log(context, name));
  });
  addExamples(command, [
    ["mlforge log airport_delay", "print a table, newest first"],
    ["mlforge log airport_delay --json", "print JSON, in a script"],
  ]);
}
