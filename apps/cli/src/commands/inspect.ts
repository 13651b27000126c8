import type { RowsFingerprint } from "@mlforge/spec";
import { describeEntity, describeSource, keysText, queryLine } from "../describe.js";
import { columnText, renderColumns, renderFields } from "../fields.js";
import type { CommandContext } from "../run-command.js";

export async function entity({ definitions, console }: CommandContext, name: string): Promise<0> {
  const described = describeEntity(definitions.entity(name));
  console.print({
    document: described,
    text: () =>
      renderFields([
        ["entity", described.name],
        ["description", described.description],
        ["keys", keysText(described)],
      ]),
  });
  return 0;
}

export async function source({ definitions, console }: CommandContext, name: string): Promise<0> {
  const described = describeSource(definitions.source(name));
  console.print({
    document: described,
    text: () => {
      const fields = renderFields([
        ["source", described.name],
        ["description", described.description],
        ["path", described.paths.join(", ")],
        ["format", described.format?.kind ?? null],
        ["connector", described.query?.connector ?? null],
        [described.query?.rows.kind ?? "query", queryLine(described)],
        ["changes", changesText(described.query?.fingerprint)],
        ["timestamp", described.timestamp],
        ["partitions", described.partitions.map(columnText).join(", ")],
      ]);
      return described.columns === null
        ? `${fields}\ncolumns      as found in ${described.query === null ? "the file" : "the database"}`
        : `${fields}\n\n${renderColumns(described.columns, console.width)}`;
    },
  });
  return 0;
}

/** How a build tells whether the rows of a query changed. */
function changesText(fingerprint: RowsFingerprint | undefined): string {
  if (fingerprint === undefined) return "";
  return fingerprint.kind === "rows" ? "found by a checksum of all rows" : `found by ${fingerprint.text.replace(/\s+/g, " ").trim()}`;
}
