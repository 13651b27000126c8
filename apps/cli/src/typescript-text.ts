import type { Column, NamedColumn } from "@mlforge/spec";

/** A text as TypeScript, in one line also in a comment. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (separator) => (separator === "\u2028" ? "\\u2028" : "\\u2029"));
}

/** A column's name as the key of an object. */
export function propertyName(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return isIdentifier(name) ? name : literal(name);
}

/** A column of a row. */
export function member(row: string, name: string): string {
  return isIdentifier(name) ? `${row}.${name}` : `${row}[${literal(name)}]`;
}

/** Of a column, what stands in `columns`: `t.decimal(10, 2)`. */
export function columnType({ kind, nullable, precision = 38, scale = 0 }: Column): string {
  const given = [...(kind === "decimal" ? [`${precision}`, `${scale}`] : []), ...(nullable ? [] : ["{ nullable: false }"])];
  return `t.${kind}(${given.join(", ")})`;
}

/** The lines of a `columns` literal, without its braces. */
export function columnLines(columns: readonly NamedColumn[]): string[] {
  return columns.map((column) => `${propertyName(column.name)}: ${columnType(column)},`);
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name);
}
