import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../src/program.js";

/** A command and all below it that help shows, with the words that call each. */
function commandsOf(command: Command, words: readonly string[] = []): readonly (readonly [string, Command])[] {
  const visible = command.createHelp().visibleCommands(command);
  const below = visible.flatMap((each) => commandsOf(each, [...words, each.name()]));
  return [[["mlforge", ...words].join(" "), command], ...below];
}

/** What --help prints at a width, with the texts that are added to it. */
function helpOf(command: Command, width: number): string {
  let text = "";
  command.configureOutput({
    getOutHelpWidth: () => width,
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

describe.each(commandsOf(createProgram(() => undefined, { loadEngine: () => Promise.reject(new Error("help loads no engine")) })))(
  "%s --help",
  (words, command) => {
    const help = helpOf(command, 200);

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

    it.each([40, 60, 80, 120])("breaks no word at %i columns, and keeps them all", (width) => {
      const narrow = helpOf(command, width);
      const tooLong = narrow
        .split("\n")
        .slice(1)
        .filter((line) => line.length > width && line.trim().includes(" "));
      // A terminal breaks these between the parts of an example, which a shell takes as they are.
      expect(tooLong.filter((line) => !/^ +(mlforge|--)/.test(line))).toEqual([]);
      expect(wordsOf(narrow)).toEqual(wordsOf(helpOf(command, 10_000)));
    });

    it("is shown at 80 columns as recorded", async () => {
      await expect(helpOf(command, 80)).toMatchFileSnapshot(`help/${words.replaceAll(" ", "-")}.txt`);
    });

    it("takes what every command takes", () => {
      const taken = command.options.map(({ long }) => long);
      for (const shared of ["--definitions", "--json", "--no-color"]) expect(taken).toContain(shared);
    });
  },
);

/** The words of a help in their order, without the marks that the layout adds. */
function wordsOf(help: string): readonly string[] {
  return help
    .split(/\s+/)
    .filter((word) => !["", "#", "\\"].includes(word))
    .sort();
}
