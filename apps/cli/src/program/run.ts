import type { Command } from "commander";
import type { CommandBody } from "../run-command.js";
import { sharedFlags } from "../shared-flags.js";

/** Runs the body of a command with the flags given to it and to those it belongs to. */
export async function run(command: Command, body: CommandBody): Promise<void> {
  const { runCommand } = await import("../run-command.js");
  await runCommand(sharedFlags(command), body);
}
