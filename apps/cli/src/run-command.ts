import type { Definitions } from "@mlforge/core";
import { type Console, openConsole } from "./console.js";
import { listenForSignals } from "./interruption.js";
import { loadDefinitions } from "./load-definitions.js";
import { reportError } from "./report-error.js";
import type { SharedFlags } from "./shared-flags.js";
import { showRetries } from "./show-retries.js";

export interface CommandContext {
  readonly definitions: Definitions;
  readonly console: Console;
  /** Aborts on Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Prints the result of a command. Returns the exit code: 0, 1 if something failed, or a code that the help of the command lists. */
export type CommandBody = (context: CommandContext) => Promise<0 | 1 | 2 | 3>;

/** Loads the definitions, runs a command, disposes the definitions, and ends the process. `errorCode` replaces the exit code of errors. */
export async function runCommand(flags: SharedFlags, body: CommandBody, errorCode?: number): Promise<never> {
  const console = openConsole(flags);
  showRetries(console);
  // While definitions load there is nothing to clean up, so until then signals end the process as usual.
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
  // Ends the process even if definitions left a connection or a timer open.
  return console.end(interruption?.exitCode ?? exitCode);
}
