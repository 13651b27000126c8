import type { DescribedSource } from "@mlforge/core";
import { columnLines } from "../typescript-text.js";

/** Begins every file that `mlforge types --out` may replace. */
export const columnsHeader = "// Written by mlforge types --out; what is changed here is lost.";

/** A module with one constant for each source, named after it, in the order of their names. */
export function columnsModule(described: readonly DescribedSource[]): string {
  const sorted = [...described].sort((a, b) => (a.source < b.source ? -1 : 1));
  const taken = new Set<string>();
  const constants = sorted.map(({ source, columns }) => {
    const lines = columnLines(columns).map((line) => `  ${line}\n`);
    return `\nexport const ${constantName(source, taken)} = {\n${lines.join("")}};\n`;
  });
  return `${columnsHeader}\nimport { t } from "@mlforge/core";\n${constants.join("")}`;
}

/** `late_flights` is `lateFlightsColumns`. Where two sources would have one name, the later has a number. */
function constantName(source: string, taken: Set<string>): string {
  const camel = source.replace(/(?<=[A-Za-z0-9])_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase()).replace(/_+$/, "");
  let name = `${camel}Columns`;
  for (let number = 2; taken.has(name); number++) name = `${camel}Columns${number}`;
  taken.add(name);
  return name;
}
