import type { Command } from "commander";
import { type Candidate, candidates } from "../completion/candidates.js";

/** Prints what may stand in place of the last word, one a line, with a tab before what it is. Prints nothing else, whatever happens, and ends the process. */
export async function complete(program: Command, words: readonly string[]): Promise<never> {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  // Definitions may print, and a line that somebody is typing is no place for that.
  const swallow = (): boolean => true;
  stdout.write = swallow;
  stderr.write = swallow;
  let found: readonly Candidate[] = [];
  try {
    found = await candidates(program, words, async (what, given) => {
      const { definedNames } = await import("../completion/defined-names.js");
      return definedNames(what, given);
    });
  } catch {
    // There is nobody to tell: no candidates then.
  }
  const lines = found.map(({ value, description }) => `${value}\t${description}\n`);
  await new Promise<void>((resolve) => {
    write(lines.join(""), () => resolve());
  });
  // What definitions left open must not keep the shell waiting.
  return process.exit(0);
}
