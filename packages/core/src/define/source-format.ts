import type { SourceFormat } from "@mlforge/spec";
import type { DefinitionIssues } from "./definition-issues.js";

const formatByEnding: Readonly<Record<string, SourceFormat>> = {
  parquet: { kind: "parquet" },
  csv: { kind: "csv" },
  tsv: { kind: "csv", delimiter: "\t" },
  ndjson: { kind: "ndjson" },
  jsonl: { kind: "ndjson" },
};

/** The format all these paths end in. */
export function formatOf(paths: readonly string[], at: string, issues: DefinitionIssues): SourceFormat | undefined {
  const endings = new Set(paths.map(endingOf));
  const [ending = ""] = endings;
  const format = formatByEnding[ending];
  if (endings.size === 1 && format !== undefined) return format;
  const shown = [...endings].map((each) => `".${each}"`).join(", ");
  const reason = endings.size === 1 ? `files ending in ${shown} could be anything` : `its files end in ${shown}`;
  issues.add(`${at}.format`, `${reason}; give format, for example { kind: "parquet" }`);
  return undefined;
}

export function checkFormat(format: SourceFormat, at: string, issues: DefinitionIssues): void {
  if (!["parquet", "csv", "ndjson"].includes(format.kind)) {
    issues.add(`${at}.format.kind`, `the format ${JSON.stringify(format.kind)} is not known; use "parquet", "csv" or "ndjson"`);
  }
  if (format.kind !== "csv") return;
  for (const name of ["delimiter", "quote"] as const) {
    const character = format[name];
    if (character !== undefined && character.length !== 1) {
      issues.add(`${at}.format.${name}`, `the ${name} ${JSON.stringify(character)} is not one character`);
    }
  }
}

function endingOf(path: string): string {
  const name =
    path
      .replace(/[?#][^/]*$/, "")
      .split(/[/\\]/)
      .at(-1) ?? "";
  return (/\.([^.]*)$/.exec(name)?.[1] ?? "").toLowerCase();
}
