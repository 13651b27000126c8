import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { run } from "../run/flags.js";
import type { RollbackFlags } from "./run.js";

export function addRollback(program: Command): void {
  const command = program
    .command("rollback")
    .description("Make a published version of a feature latest again.")
    .argument("<feature>", "name of the feature")
    .argument("[version]", "version to make latest")
    .option("--previous", "return to the version that was latest before; run it twice to undo")
    .option("--hold", "hold this version: until mlforge release, builds are published but do not become latest")
    .option("--reason <text>", "reason to record in the log")
    .option("--dry-run", "check that it would work, and change nothing");
  addSharedOptions(command).action(async (name: string, version: string | undefined, flags: RollbackFlags) => {
    const { rollback } = await import("./run.js");
    await run(command, (context) => rollback(context, name, version, flags));
  });
  addExamples(command, [
    ["mlforge rollback airport_delay --previous", "undo the last move"],
    ['mlforge rollback airport_delay 1.0.3 --hold --reason "2.0.0 counts cancelled flights"', "roll back and hold"],
    ["mlforge rollback airport_delay 1.0.3 --dry-run", "check whether the version can be latest"],
  ]);
}
