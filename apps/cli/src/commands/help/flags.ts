import type { Command } from "commander";
import { addExamples } from "../../help-layout.js";
import { addSharedOptions } from "../../shared-flags.js";

/** Adds `help` to a command with subcommands. Makes an unknown name an error, also before `--help`, where commander ignores it. */
export function addHelp(parent: Command): void {
  const help = parent.command("help").description("Show the help of a command.").argument("[command...]", "name of the command");
  addSharedOptions(help).action((words: readonly string[]) => showHelp(parent, words));
  const line = [parent.parent?.name(), parent.name(), "help"].filter((word) => word !== undefined).join(" ");
  const [first] = parent.commands;
  addExamples(help, [
    [line, "show all commands"],
    [`${line} ${first?.name()}`, "show one of them"],
  ]);
  parent.addHelpText("before", () => {
    const [word] = parent.args;
    if (word !== undefined && !word.startsWith("-")) find(parent, word);
    return "";
  });
}

function showHelp(command: Command, [word, ...others]: readonly string[]): never {
  return word === undefined ? command.help() : showHelp(find(command, word), others);
}

/** Finds a subcommand. If there is none, lets commander report what it reports when the subcommand is called. */
function find(command: Command, word: string): Command {
  if (command.commands.length === 0) return command.error(`error: ${command.name()} has no subcommands, and no help for '${word}'`);
  const found = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
  return found ?? command.parse([word], { from: "user" });
}
