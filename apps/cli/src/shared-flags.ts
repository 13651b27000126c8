import type { Command } from "commander";

/** What every command takes, before or after its name. */
export interface SharedFlags {
  readonly definitions: string | undefined;
  readonly profile: string | undefined;
  readonly json: boolean;
  readonly color: boolean;
}

export function addSharedOptions(command: Command): Command {
  return command
    .option("--definitions <path>", "the definitions file, instead of searching for it")
    .option("--profile <name>", "the profile to use, instead of what MLFORGE_PROFILE or the definitions say")
    .option("--json", "print the result as one JSON document")
    .option("--no-color", "print without colours");
}

/** The flags given to a command or to one it belongs to; the nearest path and profile win. */
export function sharedFlags(command: Command): SharedFlags {
  const { definitions, profile, json, color } = command.opts<Partial<SharedFlags>>();
  const above = command.parent === null ? undefined : sharedFlags(command.parent);
  return {
    definitions: definitions ?? above?.definitions,
    profile: profile ?? above?.profile,
    json: json === true || above?.json === true,
    color: color !== false && above?.color !== false,
  };
}
