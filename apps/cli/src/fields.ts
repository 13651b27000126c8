import { type NamedColumn, typeText } from "@mlforge/spec";
import { escapeControls, renderTable } from "./table.js";

/** One `label  value` a line. Leaves out what is null, and escapes what a terminal would obey. */
export function renderFields(fields: readonly (readonly [label: string, value: string | null])[]): string {
  const width = Math.max(...fields.map(([label]) => label.length));
  return fields
    .flatMap(([label, value]) => (value === null || value === "" ? [] : [`${label.padEnd(width)}  ${escapeControls(value)}`]))
    .join("\n");
}

export function renderColumns(columns: readonly NamedColumn[], width: number): string {
  return renderTable(
    [{ title: "COLUMN" }, { title: "TYPE" }, { title: "NULLS" }],
    columns.map((column) => [column.name, typeText(column), column.nullable ? "" : "never"]),
    width,
  );
}

/** A column in a line. */
export function columnText(column: NamedColumn): string {
  return `${column.name} (${typeText(column)}${column.nullable ? "" : ", never null"})`;
}
