import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../src/program.js";

/** A command and all below it that help shows, with the words that call each. */
function commandsOf(command: Command, words: readonly string[] = []): readonly (readonly [string, Command])[] {
  const visible = command.createHelp().visibleCommands(command);
  const below = visible.filter((each) => each.name() !== "help").flatMap((each) => commandsOf(each, [...words, each.name()]));
  return [[["mlforge", ...words].join(" "), command], ...below];
}

/** What --help prints, with the texts that are added to it. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

describe.each(commandsOf(createProgram(() => undefined)))("%s --help", (words, command) => {
  const help = helpOf(command);

  it("says what it does, and of every argument and option what it is", () => {
    expect(command.description()).toMatch(/^[A-Z].*\.$/s);
    const nameless = [...command.registeredArguments, ...command.options].filter(({ description }) => description === "");
    expect(nameless).toEqual([]);
  });

  it("ends with two or three examples of it", () => {
    const [, examples = ""] = help.split("\nExamples:\n");
    const lines = examples.split("\n\n", 1)[0]?.trimEnd().split("\n") ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.length).toBeLessThanOrEqual(3);
    for (const line of lines) expect(line).toMatch(new RegExp(`^  (MLFORGE_\\w+=\\S+ )?${words}\\b.* # .+$`));
  });

  it("takes what every command takes", () => {
    const taken = command.options.map(({ long }) => long);
    for (const shared of ["--definitions", "--json", "--no-color"]) expect(taken).toContain(shared);
  });
});
