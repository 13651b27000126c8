import { escapeControls, type NamedColumn, typeText } from "@mlforge/spec";
import { renderTable } from "./table.js";

/** Formats one `label  value` per line. Omits null and empty values, and escapes control characters. */
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

/** Formats a column in one line. */
export function columnText(column: NamedColumn): string {
  return `${column.name} (${typeText(column)}${column.nullable ? "" : ", never null"})`;
}
