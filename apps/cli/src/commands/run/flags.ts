import { type Command, CommanderError } from "commander";
import type { CommandBody } from "../../run-command.js";
import { sharedFlags } from "../../shared-flags.js";

const errorCodes = new WeakMap<Command, number>();

/** Makes a command exit with `code` on every error, including wrong usage. For commands whose results use the usual error codes. */
export function endErrorsWith(command: Command, code: number): Command {
  errorCodes.set(command, code);
  return command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : new CommanderError(code, error.code, error.message);
  });
}

/** Runs the body of a command with the flags given to it and to its parents. */
export async function run(command: Command, body: CommandBody): Promise<void> {
  const { runCommand } = await import("../../run-command.js");
  await runCommand(sharedFlags(command), body, errorCodes.get(command));
}
