import type { Command } from "commander";
import type { DiffFlags } from "../commands/diff.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { endErrorsWith, run } from "./run.js";

/** The exit codes below it tell the kind of change. */
const errorCode = 4;

export function addDiff(program: Command): void {
  const command = program
    .command("diff")
    .description("Show how two versions of a feature differ: schema, logic, configuration and data.")
    .argument("<feature>", "its name")
    .argument("[from]", "a version, a range such as ^1.0, or latest; the one before the other unless told")
    .argument("[to]", "the version to compare it with; latest unless told")
    .option("--no-data", "leave out the data")
    .option("--quiet", "print nothing; the exit code tells");
  endErrorsWith(addSharedOptions(command), errorCode).action(
    async (name: string, from: string | undefined, to: string | undefined, flags: DiffFlags) => {
      const { diff } = await import("../commands/diff.js");
      await run(command, (context) => diff(context, name, { from, to }, flags));
    },
  );
  addExamples(command, [
    ["mlforge diff airport_delay", "the latest version and the one before it"],
    ["mlforge diff airport_delay 1.0.0", "an older one and the latest"],
    ["mlforge diff airport_delay 1.0.0 2.0.0 --json", "two versions, for a script"],
  ]);
  command.addHelpText("after", `\nExit codes: 0 the same, 1 patch, 2 minor, 3 major, ${errorCode} an error.`);
}
