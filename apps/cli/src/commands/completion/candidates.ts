import type { Argument, Command, Option } from "commander";

/** A completion for the word at the cursor. */
export interface Candidate {
  readonly value: string;
  /** One line, or empty. */
  readonly description: string;
}

/** The kinds of things in a project whose names are completed. */
export type NamedThings = "features" | "tags" | "sources" | "labels" | "entities" | "profiles";

/** The options of a command line that determine which definitions to load. */
export interface Given {
  readonly definitions?: string | undefined;
  readonly profile?: string | undefined;
}

/** Finds the names that a project defines. */
export type FindNames = (what: NamedThings, given: Given) => Promise<readonly string[]>;

/**
 * Returns candidates for the last of `words`, which follow the program name and end at the cursor. Empty if only file names can follow.
 *
 * bash passes `--features=a` as three words, other shells as one.
 */
export async function candidates(program: Command, words: readonly string[], findNames: FindNames): Promise<readonly Candidate[]> {
  const { before, last, prefix } = splitWords(words);
  const place = walk(program, before);
  const isOption = place.value === undefined && !place.isOperand && last.startsWith("-");
  const found = isOption ? options(place.command) : await values(place, last, findNames);
  return found
    .filter(({ value }) => value.startsWith(last))
    .map(({ value, description }) => ({ value: prefix + value, description: description.replaceAll(/\s+/g, " ") }));
}

interface Split {
  readonly before: readonly string[];
  readonly last: string;
  /** The part of the last word that stays before each candidate. */
  readonly prefix: string;
}

function splitWords(words: readonly string[]): Split {
  const joined = words.filter((word, at) => word !== "=" || !isLong(words[at - 1]));
  const last = words.at(-1) === "=" && joined.length < words.length && isLong(joined.at(-1)) ? "" : (joined.pop() ?? "");
  const [option = "", value] = isLong(last) ? splitOnce(last) : [];
  if (value === undefined || joined.includes("--")) return { before: joined, last, prefix: "" };
  return { before: [...joined, option], last: value, prefix: `${option}=` };
}

function isLong(word: string | undefined): boolean {
  return word !== undefined && /^--./.test(word);
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf("=");
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** The position of the cursor. */
interface Place {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly value: Option | undefined;
  /** True after `--`, where options end. */
  readonly isOperand: boolean;
  /** Number of arguments before the cursor. */
  readonly operands: number;
  readonly given: Given;
}

function walk(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, value: undefined, isOperand: false, operands: 0, given: {} };
  for (const word of words) {
    const { command, value, isOperand, operands } = place;
    const sub = operands === 0 ? command.commands.find((each) => each.name() === word || each.aliases().includes(word)) : undefined;
    if (value !== undefined) place = { ...place, value: undefined, given: noted(place.given, value, word) };
    else if (isOperand) place = { ...place, operands: operands + 1 };
    else if (word === "--") place = { ...place, isOperand: true };
    else if (word.startsWith("-")) place = afterOption(place, word);
    else if (sub !== undefined) place = { ...place, command: sub };
    else place = { ...place, operands: operands + 1 };
  }
  return place;
}

function afterOption(place: Place, word: string): Place {
  const [name, given] = splitOnce(word);
  const option = findOption(place.command, name);
  if (option === undefined || !takesValue(option)) return place;
  if (given === undefined) return { ...place, value: option };
  return { ...place, given: noted(place.given, option, given) };
}

function noted(given: Given, option: Option, value: string): Given {
  if (option.long === "--definitions") return { ...given, definitions: value };
  return option.long === "--profile" ? { ...given, profile: value } : given;
}

function findOption(command: Command, name: string): Option | undefined {
  return (
    command.options.find(({ long, short }) => long === name || short === name) ??
    (command.parent ? findOption(command.parent, name) : undefined)
  );
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function options(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (typeof long === "string" ? [{ value: long, description }] : []));
}

async function values(place: Place, last: string, findNames: FindNames): Promise<readonly Candidate[]> {
  const { command, value, operands, given } = place;
  if (value !== undefined) {
    if (value.argChoices !== undefined) return plain(value.argChoices);
    const what = namedByOption[value.long ?? ""];
    if (what === undefined) return [];
    return what === "profiles" ? plain(await findNames(what, given)) : listed(await findNames(what, given), last);
  }
  if (command.commands.length > 0) return operands === 0 ? subcommands(command) : [];
  const argument = command.registeredArguments[operands] ?? lastVariadic(command);
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  if (argument.name() === "command" && command.parent !== null) return subcommands(command.parent);
  const what = namedByArgument(command, argument);
  return what === undefined ? [] : plain(await findNames(what, given));
}

function subcommands(command: Command): readonly Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((each) => ({ value: each.name(), description: each.description() }));
}

const namedByOption: Readonly<Record<string, NamedThings>> = {
  "--features": "features",
  "--tags": "tags",
  "--sources": "sources",
  "--labels": "labels",
  "--profile": "profiles",
};

function namedByArgument(command: Command, argument: Argument): NamedThings | undefined {
  if (argument.name() === "feature" || argument.name() === "features") return "features";
  if (command.parent?.name() !== "inspect") return undefined;
  const inspected: Readonly<Record<string, NamedThings>> = { feature: "features", entity: "entities", source: "sources" };
  return inspected[command.name()];
}

function lastVariadic(command: Command): Argument | undefined {
  const argument = command.registeredArguments.at(-1);
  return argument?.variadic === true ? argument : undefined;
}

/** Completes the end of a list. Omits names that the list already has. */
function listed(names: readonly string[], last: string): readonly Candidate[] {
  const before = last.split(",").slice(0, -1);
  return plain(names.filter((name) => !before.includes(name)).map((name) => [...before, name].join(",")));
}

function plain(found: readonly string[]): readonly Candidate[] {
  return found.map((value) => ({ value, description: "" }));
}
