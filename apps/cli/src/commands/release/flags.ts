import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { run } from "../run/flags.js";

export function addRelease(program: Command): void {
  const command = program
    .command("release")
    .description("End a hold: builds make their versions latest again.")
    .argument("<feature>", "name of the feature")
    .option("--reason <text>", "reason to record in the log");
  addSharedOptions(command).action(async (name: string, flags: { reason?: string }) => {
    const { release } = await import("./run.js");
    await run(command, (context) => release(context, name, flags));
  });
  addExamples(command, [
    ["mlforge release airport_delay", "end the hold of rollback --hold"],
    ['mlforge release airport_delay --reason "the source is fixed"', "record why"],
  ]);
}
