import type { Command } from "commander";

/** Ends the help of a command with example command lines and the purpose of each. */
export function addExamples(command: Command, examples: readonly (readonly [line: string, purpose: string])[]): void {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, purpose]) => `  ${line.padEnd(width)}  # ${purpose}`);
  command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
