import type { Command } from "commander";
import type { DoctorFlags } from "../commands/doctor.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { run } from "./run.js";

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("Check whether what mlforge needs is there and permitted, and say what is missing.")
    .option("--node", "only the Node that runs this")
    .option("--engine", "only whether the engine runs")
    .option("--clock", "only how the clock of this machine stands to that of the store")
    .option("--store", "only what the present credentials may do in the offline store; it is tried, and nothing is left behind");
  addSharedOptions(command).action(async (flags: DoctorFlags) => {
    const { doctor } = await import("../commands/doctor.js");
    await run(command, (context) => doctor(context, flags));
  });
  addExamples(command, [
    ["mlforge doctor", "everything"],
    ["mlforge doctor --store --json", "the permissions in the store, for a script"],
  ]);
}
