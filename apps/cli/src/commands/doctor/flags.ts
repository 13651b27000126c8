import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";
import { run } from "../run/flags.js";
import type { DoctorFlags } from "./run.js";

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("Check that Node, the engine, the clock, and the store are ready for mlforge, and report what is missing.")
    .option("--node", "check only the Node version")
    .option("--engine", "check only whether the engine answers a query")
    .option("--clock", "check only whether the clock of this machine agrees with that of the store")
    .option("--store", "check only what the credentials allow in the offline store; writes test objects and removes them");
  addSharedOptions(command).action(async (flags: DoctorFlags) => {
    const { doctor } = await import("./run.js");
    await run(command, (context) => doctor(context, flags));
  });
  addExamples(command, [
    ["mlforge doctor", "check everything"],
    ["mlforge doctor --store --json", "check the store permissions, in a script"],
  ]);
}
