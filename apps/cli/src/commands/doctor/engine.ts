import type { CommandContext } from "../../run-command.js";
import type { Findings } from "./run.js";

/** Checks that the engine of the definitions works. */
export async function engineFindings({ definitions, signal }: CommandContext): Promise<Findings> {
  const report = await definitions.checkEngine({ signal });
  const { name, version, passed, message } = report;
  const told = name === null ? message : `${name} ${version ?? ""}, ${passed ? message : "does not work"}`;
  return { document: report, text: `engine: ${told}`, problem: passed ? undefined : `engine ${name ?? ""}: ${message}` };
}
