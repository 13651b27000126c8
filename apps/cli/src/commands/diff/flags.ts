import type { Command } from "commander";
import { addExamples, addNote } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { endErrorsWith, run } from "../run/flags.js";
import type { DiffFlags } from "./run.js";

/** Lower exit codes give the kind of change. */
const errorCode = 4;

export function addDiff(program: Command): void {
  const command = program
    .command("diff")
    .description("Compare two versions of a feature: schema, logic, configuration, and data.")
    .argument("<feature>", "name of the feature")
    .argument("[from]", "version, range such as ^1.0, or latest; defaults to the version before [to]")
    .argument("[to]", "version to compare it with; defaults to latest")
    .option("--no-data", "compare metadata only")
    .option("--quiet", "print nothing and only set the exit code");
  endErrorsWith(addSharedOptions(command), errorCode).action(
    async (name: string, from: string | undefined, to: string | undefined, flags: DiffFlags) => {
      const { diff } = await import("./run.js");
      await run(command, (context) => diff(context, name, { from, to }, flags));
    },
  );
  addExamples(command, [
    ["mlforge diff airport_delay", "compare the latest version with the one before it"],
    ["mlforge diff airport_delay 1.0.0", "compare an older version with the latest"],
    ["mlforge diff airport_delay 1.0.0 2.0.0 --json", "compare two versions, in a script"],
  ]);
  addNote(command, `Exit codes: 0 no difference, 1 patch, 2 minor, 3 major, ${errorCode} error.`);
}
