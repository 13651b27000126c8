import type { Command } from "commander";

/** What every command takes, before or after its name. */
export interface SharedFlags {
  readonly definitions: string | undefined;
  readonly json: boolean;
  readonly color: boolean;
}

export function addSharedOptions(command: Command): Command {
  return command
    .option("--definitions <path>", "the definitions file, instead of searching for it")
    .option("--json", "print the result as one JSON document")
    .option("--no-color", "print without colours");
}

/** The flags given to a command or to one it belongs to; the nearest path wins. */
export function sharedFlags(command: Command): SharedFlags {
  const { definitions, json, color } = command.opts<Partial<SharedFlags>>();
  const above = command.parent === null ? undefined : sharedFlags(command.parent);
  return {
    definitions: definitions ?? above?.definitions,
    json: json === true || above?.json === true,
    color: color !== false && above?.color !== false,
  };
}
