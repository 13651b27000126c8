import type { Command } from "commander";
import type { RollbackFlags } from "../commands/rollback.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { run } from "./run.js";

export function addRollback(program: Command): void {
  const command = program
    .command("rollback")
    .description("Make a published version of a feature the latest again.")
    .argument("<feature>", "its name")
    .argument("[version]", "the version to go back to")
    .option("--previous", "go back to the version that was latest before; twice returns")
    .option("--hold", "keep it there: builds publish and make nothing latest until mlforge release")
    .option("--reason <text>", "why, for mlforge log")
    .option("--dry-run", "check it and change nothing");
  addSharedOptions(command).action(async (name: string, version: string | undefined, flags: RollbackFlags) => {
    const { rollback } = await import("../commands/rollback.js");
    await run(command, (context) => rollback(context, name, version, flags));
  });
  addExamples(command, [
    ["mlforge rollback airport_delay --previous", "undo the last move"],
    ['mlforge rollback airport_delay 1.0.3 --hold --reason "2.0.0 counts cancelled flights"', "and stay there"],
    ["mlforge rollback airport_delay 1.0.3 --dry-run", "check whether it can be latest"],
  ]);
}
