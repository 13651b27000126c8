import type { Command } from "commander";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { run } from "./run.js";

export function addRelease(program: Command): void {
  const command = program
    .command("release")
    .description("End a hold: the next build makes its version latest again.")
    .argument("<feature>", "its name")
    .option("--reason <text>", "why, for mlforge log");
  addSharedOptions(command).action(async (name: string, flags: { reason?: string }) => {
    const { release } = await import("../commands/release.js");
    await run(command, (context) => release(context, name, flags));
  });
  addExamples(command, [
    ["mlforge release airport_delay", "go on after rollback --hold"],
    ['mlforge release airport_delay --reason "the source is mended"', "and say why"],
  ]);
}
