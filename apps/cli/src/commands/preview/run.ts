import type { ColumnKind, NamedColumn } from "@mlforge/spec";
import { describeColumn } from "../../describe.js";
import { exactRows, isNumberKind, jsonValue, textValue } from "../../row-value.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

interface Rows {
  /** The version that the rows were read from. Undefined if they were computed. */
  readonly version?: string | undefined;
  readonly columns: readonly NamedColumn[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Shows rows of a published version, or computes rows from the current definition. */
export async function preview(
  context: CommandContext,
  name: string,
  { rows: count, version: wanted }: { readonly rows: number; readonly version?: string | undefined },
): Promise<0> {
  const { definitions, console, signal } = context;
  const found: Rows =
    wanted === undefined
      ? await definitions.preview(name, { rows: count, signal, ...exactRows })
      : await readRows(context, name, wanted, count);
  const { version, columns, rows } = found;
  console.note(
    version === undefined ? `computed from the definition of ${name}, not published` : `read from the published version ${name} ${version}`,
  );
  console.print({
    document: {
      feature: name,
      version: version ?? null,
      columns: columns.map(describeColumn),
      rows: rows.map((row) => Object.fromEntries(columns.map((column) => [column.name, jsonValue(row[column.name], column)]))),
    },
    text: () =>
      renderTable(
        columns.map((column) => ({
          title: column.name,
          align: isNumberKind(column.kind) ? "right" : "left",
          whole: isMoment(column.kind),
        })),
        rows.map((row) => columns.map((column) => textValue(row[column.name], column))),
        console.width,
      ),
  });
  return 0;
}

function isMoment(kind: ColumnKind): boolean {
  return kind === "timestamp" || kind === "date";
}

async function readRows({ definitions, signal }: CommandContext, name: string, wanted: string, count: number): Promise<Rows> {
  const { version, columns, rows: read } = await definitions.readFeature(name, { version: wanted, signal });
  const rows: Readonly<Record<string, unknown>>[] = [];
  for await (const row of read(exactRows)) {
    rows.push(row);
    if (rows.length >= count) break;
  }
  return { version, columns, rows };
}
