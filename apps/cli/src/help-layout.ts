import type { Command, Help } from "commander";

/** The least width for a description beside its term. If less is left, the description begins below. */
const leastWidth = 24;

/** The width of help that goes to no terminal. */
const usualWidth = 80;

const layout: Partial<Help> = {
  // Commander leaves it to the terminal to wrap descriptions that get fewer columns than this.
  minWidthToWrap: 1,
  // Every command takes options. Saying so takes room from the descriptions.
  subcommandTerm: (command) => `${command.name()} ${command.usage().replace("[options]", "").trim()}`.trimEnd(),
  formatItem(term, termWidth, description, help) {
    const isBeside = (help.helpWidth ?? usualWidth) - termWidth - 4 >= leastWidth;
    const indent = isBeside ? termWidth + 4 : 6;
    return `  ${isBeside ? `${term.padEnd(termWidth)}  ` : `${term}\n${" ".repeat(indent)}`}${wrapped(help, description, " ".repeat(indent))}`;
  },
};

/** Wraps help between words at the width of the terminal. Applies to commands that are added later too. */
export function layOutHelp(program: Command): void {
  program.configureHelp(layout);
}

/** Ends the help of a command with a text, wrapped between words. */
export function addNote(command: Command, note: string): void {
  command.addHelpText("after", () => `\n${wrapped(helpOf(command), note, "")}`);
}

/** Ends the help of a command with example command lines and the purpose of each. */
export function addExamples(command: Command, examples: readonly (readonly [line: string, purpose: string])[]): void {
  command.addHelpText("after", () => {
    const help = helpOf(command);
    const width = help.helpWidth ?? usualWidth;
    const length = Math.max(...examples.map(([line]) => line.length));
    const beside = examples.map(([line, purpose]) => `  ${line.padEnd(length)}  # ${purpose}`);
    if (beside.every((line) => line.length <= width)) return `\nExamples:\n${beside.join("\n")}`;
    const below = examples.map(([line, purpose]) => `  # ${wrapped(help, purpose, "  # ")}\n  ${continued(line, width - 2)}`);
    return `\nExamples:\n${below.join("\n\n")}`;
  });
}

function helpOf(command: Command): Help {
  const help = command.createHelp();
  help.prepareContext({ helpWidth: command.configureOutput().getOutHelpWidth?.() ?? usualWidth });
  return help;
}

/** Wraps a text. All lines but the first begin with `indent`, and the first has as much less room. */
function wrapped(help: Help, text: string, indent: string): string {
  return help.boxWrap(text, (help.helpWidth ?? usualWidth) - indent.length).replaceAll("\n", `\n${indent}`);
}

/** Breaks a command line before options, so that a shell still reads it as one line. */
function continued(line: string, width: number): string {
  const lines: string[] = [];
  for (const part of line.split(/ (?=--)/)) {
    const last = lines.at(-1);
    if (last === undefined || `${last} ${part} \\`.length > width) lines.push(last === undefined ? part : `  ${part}`);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines.join(" \\\n  ");
}
