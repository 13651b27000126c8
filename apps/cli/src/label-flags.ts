import { existsSync } from "node:fs";
import type { AnySource, Definitions } from "@mlforge/core";
import { typeOfText } from "@mlforge/core";
import { type Columns, isMlforgeError, MlforgeError, suggest } from "@mlforge/spec";
import { calledPath } from "./display-path.js";

/**
 * Returns the labels that `--labels` names: one declared label source, or files.
 *
 * A declared name wins over a file with that name.
 *
 * @throws USAGE_INVALID for a name that is neither
 */
export function labelsOf(given: readonly string[], { labels }: Definitions): AnySource | readonly string[] {
  const declared = labels.find(({ name }) => given.length === 1 && name === given[0]);
  if (declared !== undefined) return declared;
  for (const each of given) {
    if (!/^\w+$/.test(each) || existsSync(calledPath(each))) continue;
    const names = labels.map(({ name }) => name);
    const known = names.length === 0 ? "the definitions declare no labels" : `declared labels: ${names.join(", ")}`;
    const advice = suggest(each, names, known);
    throw usage("--labels", `no declared labels or file named "${each}"; ${advice}`);
  }
  return given.map(calledPath);
}

/** Parses `--label-types id=string,at=timestamp`. @throws USAGE_INVALID */
export function labelTypesOf(given: readonly string[] | undefined): Columns | undefined {
  if (given === undefined) return undefined;
  // A comma in parentheses is part of a type.
  const pairs = given.flatMap((text) => text.split(/,(?![^(]*\))/)).map((pair) => pair.trim());
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf("=");
      if (at <= 0) throw usage("--label-types", `write a type as column=type, not ${JSON.stringify(pair)}`);
      return [pair.slice(0, at), typeFor(pair.slice(at + 1))];
    }),
  );
}

function typeFor(text: string): Columns[string] {
  try {
    return typeOfText(text);
  } catch (error) {
    throw isMlforgeError(error, "DEFINITION_INVALID") ? usage("--label-types", error.message) : error;
  }
}

function usage(argument: string, message: string): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError("USAGE_INVALID", message, { argument });
}
