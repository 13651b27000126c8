import type { Command } from "commander";

/** Holds the flags that every command takes, before or after its name. */
export interface SharedFlags {
  readonly definitions: string | undefined;
  readonly profile: string | undefined;
  readonly json: boolean;
  readonly color: boolean;
}

export function addSharedOptions(command: Command): Command {
  return command
    .option("--definitions <path>", "definitions file to use; found automatically by default")
    .option("--profile <name>", "profile to use; defaults to MLFORGE_PROFILE, then to the default of the definitions")
    .option("--json", "print the result as a JSON document")
    .option("--no-color", "print without colors");
}

/** Returns the flags given to a command or to one of its parents. The nearest path and profile win. */
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
