import type { VersionDifferences } from "@mlforge/core";
import type { Colors } from "./console.js";
import { configurationLines, type DifferenceLine, logicLines, schemaLines } from "./differences-lines.js";

const signs = { added: "+", removed: "-", changed: "~", same: " " } as const;

/** Formats the differences for a terminal, with a heading for each part. Empty if nothing differs. */
export function differencesText(
  differences: VersionDifferences,
  colors: Colors,
  { logic = true }: { readonly logic?: boolean } = {},
): string {
  const parts: readonly (readonly [head: string, lines: readonly DifferenceLine[]])[] = [
    ["columns and keys", schemaLines(differences)],
    ["logic", logic ? logicLines(differences) : []],
    ["configuration", configurationLines(differences)],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([head, lines]) => [`  ${colors.dim(head)}`, ...lines.map((line) => `    ${colored(line, colors)}`)].join("\n"))
    .join("\n");
}

function colored({ kind, text }: DifferenceLine, colors: Colors): string {
  const line = `${signs[kind]} ${text}`.trimEnd();
  switch (kind) {
    case "added":
      return colors.green(line);
    case "removed":
      return colors.red(line);
    case "changed":
      return colors.yellow(line);
    case "same":
      return colors.dim(line);
  }
}

/** Returns a function that colors the word for a change by its severity. */
export function changeColor(colors: Colors): (word: string) => string {
  return (word) => {
    if (word === "major" || word === "fail") return colors.red(word);
    if (word === "minor") return colors.yellow(word);
    return word === "none" || word === "same" ? colors.dim(word) : colors.green(word);
  };
}
