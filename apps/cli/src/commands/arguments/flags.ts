import { type Command, InvalidArgumentError } from "commander";

/** Adds the names in `a,b` to those of earlier uses of the option. */
export function addNames(value: string, before: readonly string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("Expected names separated by commas, such as a,b.");
  return [...before, ...names];
}

export function addText(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function parseIndex(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError("Expected a whole number of at least 0.");
  return Number(value);
}

export function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("Expected a whole number of at least 1.");
  return Number(value);
}

/** Adds the options that choose features. `verb` begins their descriptions, for example `build`. */
export function addFeatureOptions(command: Command, verb: string): Command {
  return command
    .option("--features <names>", `${verb} only these features, separated by commas`, addNames)
    .option("--tags <tags>", `${verb} only features with one of these tags, separated by commas`, addNames);
}
