import type { Command } from "commander";
import type { VerifyFlags } from "../commands/verify.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames } from "./arguments.js";
import { run } from "./run.js";

export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .description("Look for what is damaged, lost or left over in the store, and say how to fix it. Changes nothing.")
    .option("--features <names>", "only these, separated by commas; also those that are no longer defined", addNames)
    .option("--quick", "compare the sizes of data files and read none of them");
  addSharedOptions(command).action(async (flags: VerifyFlags) => {
    const { verify } = await import("../commands/verify.js");
    await run(command, (context) => verify(context, flags));
  });
  addExamples(command, [
    ["mlforge verify", "everything, byte by byte"],
    ["mlforge verify --quick", "everything but the content of data"],
    ["mlforge verify --features airport_delay --json", "one feature, for a script"],
  ]);
}
