import { type DescribedSource, explainOmitted } from "@mlforge/core";
import type { RowsFingerprint } from "@mlforge/spec";
import { escapeControls } from "@mlforge/spec";
import { describeEntity, describeSource, keysText, queryLine } from "../../describe.js";
import { columnText, renderColumns, renderFields } from "../../fields.js";
import { errorLine } from "../../report-error.js";
import type { CommandContext } from "../../run-command.js";

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

export async function source({ definitions, console, signal }: CommandContext, name: string): Promise<0> {
  const described = describeSource(definitions.source(name));
  const found = described.columns === null ? await lookInto(name, { definitions, console, signal }) : undefined;
  for (const column of found?.omitted ?? []) console.note(`${console.colors.yellow("warning:")} ${escapeControls(explainOmitted(column))}`);
  const omitted = found?.omitted.map(({ column, type }) => ({ column, type })) ?? null;
  console.print({
    document: { ...described, omitted },
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
        ["static", described.static ? "yes" : null],
        ["partitions", described.partitions.map(columnText).join(", ")],
      ]);
      const columns = described.columns ?? found?.columns;
      const heading =
        described.columns === null
          ? `${fields}\ncolumns      inferred from ${described.query === null ? "the file" : "the database"}`
          : fields;
      return columns === undefined ? heading : `${heading}\n\n${renderColumns(columns, console.width)}`;
    },
  });
  return 0;
}

/** Explains how a build detects that the rows of a query changed. */
function changesText(fingerprint: RowsFingerprint | undefined): string {
  if (fingerprint === undefined) return "";
  return fingerprint.kind === "rows" ? "detected by a checksum of all rows" : `detected by ${fingerprint.text.replace(/\s+/g, " ").trim()}`;
}

/** Reads the columns of a source from its data. If that fails, prints the error and returns undefined: the definition can still be shown. */
async function lookInto(
  name: string,
  { definitions, console, signal }: Pick<CommandContext, "definitions" | "console" | "signal">,
): Promise<DescribedSource | undefined> {
  const { described, failed } = await definitions.describeSources({ sources: [name], signal });
  for (const { source: each, error } of failed) console.note(errorLine(error, console, `source "${each}"`));
  return described[0];
}
