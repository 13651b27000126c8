import type { Definitions } from "@mlforge/core";
import { type Console, openConsole } from "./console.js";
import { listenForSignals } from "./interruption.js";
import { loadDefinitions } from "./load-definitions.js";
import { reportError } from "./report-error.js";
import type { SharedFlags } from "./shared-flags.js";

export interface CommandContext {
  readonly definitions: Definitions;
  readonly console: Console;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Prints the result of a command. Gives the exit code: 0, 1 where something failed, or what the command's help says. */
export type CommandBody = (context: CommandContext) => Promise<0 | 1 | 2 | 3>;

/** Loads the definitions, runs a command with them, disposes of them, and ends the process. `errorCode` is the exit code of every error. */
export async function runCommand(flags: SharedFlags, body: CommandBody, errorCode?: number): Promise<never> {
  const console = openConsole(flags);
  // Signals end the process as usual until here: while definitions load there is nothing to clean up.
  let interruption: ReturnType<typeof listenForSignals> | undefined;
  let exitCode: number;
  try {
    await using definitions = await loadDefinitions(flags.definitions, flags.profile);
    interruption = listenForSignals(console);
    exitCode = await body({ definitions, console, signal: interruption.signal });
  } catch (error) {
    const usual = reportError(error, console, interruption?.signal);
    exitCode = errorCode ?? usual;
  }
  // What definitions left open, such as a connection or a timer, must not keep a finished command alive.
  return console.end(interruption?.exitCode ?? exitCode);
}
