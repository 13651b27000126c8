import type { DescribedSource } from "@mlforge/core";
import { columnLines } from "../../typescript-text.js";

/** The first line of every file that `mlforge types --out` may replace. */
export const columnsHeader = "// Written by mlforge types --out. Do not edit: the next run overwrites this file.";

/** Returns a module with one constant per source, sorted and named by source. */
export function columnsModule(described: readonly DescribedSource[]): string {
  const sorted = [...described].sort((a, b) => (a.source < b.source ? -1 : 1));
  const taken = new Set<string>();
  const constants = sorted.map(({ source, columns }) => {
    const lines = columnLines(columns).map((line) => `  ${line}\n`);
    return `\nexport const ${constantName(source, taken)} = {\n${lines.join("")}};\n`;
  });
  return `${columnsHeader}\nimport { t } from "@mlforge/core";\n${constants.join("")}`;
}

/** Turns `late_flights` into `lateFlightsColumns`. Adds a number if another source already has that name. */
function constantName(source: string, taken: Set<string>): string {
  const camel = source.replace(/(?<=[A-Za-z0-9])_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase()).replace(/_+$/, "");
  let name = `${camel}Columns`;
  for (let number = 2; taken.has(name); number++) name = `${camel}Columns${number}`;
  taken.add(name);
  return name;
}
