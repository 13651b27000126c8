import { InvalidArgumentError } from "commander";

/** `a,b` and a repeated option both add names. */
export function addNames(value: string, before: readonly string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("Give names separated by commas, for example a,b.");
  return [...before, ...names];
}

export function addText(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function parseIndex(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError("Give a number from 0.");
  return Number(value);
}

export function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("Give a number from 1.");
  return Number(value);
}
