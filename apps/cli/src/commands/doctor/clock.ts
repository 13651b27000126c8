import type { CommandContext } from "../../run-command.js";
import type { Findings } from "./run.js";

/** Compares the clock of this machine with that of the store. */
export async function clockFindings({ definitions, signal }: CommandContext): Promise<Findings> {
  const report = await definitions.store.checkClock({ signal });
  const { passed, message } = report;
  return { document: report, text: `clock: ${message}`, problem: passed ? undefined : `the clock is wrong: ${message}` };
}
