import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { addNames } from "../arguments/flags.js";
import { run } from "../run/flags.js";
import type { VerifyFlags } from "./run.js";

export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .description("Find damaged, missing, and leftover objects in the store, and show how to fix them. Changes nothing.")
    .option("--features <names>", "verify only these features, separated by commas; includes features that are no longer defined", addNames)
    .option("--quick", "check only the sizes of data files");
  addSharedOptions(command).action(async (flags: VerifyFlags) => {
    const { verify } = await import("./run.js");
    await run(command, (context) => verify(context, flags));
  });
  addExamples(command, [
    ["mlforge verify", "check everything, including file contents"],
    ["mlforge verify --quick", "check everything except file contents"],
    ["mlforge verify --features airport_delay --json", "verify one feature, in a script"],
  ]);
}
