import { type Console, openConsole } from "./console.js";
import { listenForSignals } from "./interruption.js";
import { reportError } from "./report-error.js";
import type { SharedFlags } from "./shared-flags.js";

/** Runs a command that needs no definitions, then ends the process. */
export async function runAlone(flags: SharedFlags, body: (console: Console, signal: AbortSignal) => Promise<number>): Promise<never> {
  const console = openConsole(flags);
  const interruption = listenForSignals(console);
  let exitCode: number;
  try {
    exitCode = await body(console, interruption.signal);
  } catch (error) {
    exitCode = reportError(error, console, interruption.signal);
  }
  return console.end(interruption.exitCode ?? exitCode);
}
