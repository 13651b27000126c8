import type { Command } from "commander";
import { type Candidate, candidates } from "./candidates.js";

/** Prints candidates for the last word, one per line with a tab and its description. Prints nothing else, even on errors. Ends the process. */
export async function complete(program: Command, words: readonly string[]): Promise<never> {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  // Discards what definitions print, because it would end up in the line that the user is typing.
  const swallow = (): boolean => true;
  stdout.write = swallow;
  stderr.write = swallow;
  let found: readonly Candidate[] = [];
  try {
    found = await candidates(program, words, async (what, given) => {
      const { definedNames } = await import("./defined-names.js");
      return definedNames(what, given);
    });
  } catch {
    // Errors cannot be reported here, so there are no candidates.
  }
  const lines = found.map(({ value, description }) => `${value}\t${description}\n`);
  await new Promise<void>((resolve) => {
    write(lines.join(""), () => resolve());
  });
  // Ends even if definitions left something open, so that the shell does not wait.
  return process.exit(0);
}
