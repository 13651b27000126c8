import type { SourceColumn } from "@mlforge/core";
import { type Column, elementOf, escapeControls, fieldsOf, vectorOf } from "@mlforge/spec";

/** Formats a text as a TypeScript string literal in one line. Escapes control characters, so that code looks as it reads. */
export function literal(text: string): string {
  return escapeControls(JSON.stringify(text));
}

/** Formats a column name as an object key. */
export function propertyName(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return isIdentifier(name) ? name : literal(name);
}

/** Formats access to a column of a row. */
export function member(row: string, name: string): string {
  return isIdentifier(name) ? `${row}.${name}` : `${row}[${literal(name)}]`;
}

/** Formats the type of a column as written in `columns`: `t.decimal(10, 2)`, `t.list(t.string())`. */
function columnType(column: Column & Pick<SourceColumn, "encoding">): string {
  const options = [...(column.nullable ? [] : ["nullable: false"]), ...encodingOptions(column.encoding)];
  const given = [...typeArguments(column), ...(options.length === 0 ? [] : [`{ ${options.join(", ")} }`])];
  return `t.${column.kind}(${given.join(", ")})`;
}

function typeArguments(column: Column): readonly string[] {
  switch (column.kind) {
    case "decimal":
      return [`${column.precision ?? 38}`, `${column.scale ?? 0}`];
    case "list":
      return [columnType(elementOf(column))];
    case "vector": {
      const { length, element } = vectorOf(column);
      return [`${length}`, literal(element)];
    }
    case "struct":
      return [
        `{ ${fieldsOf(column)
          .map((field) => `${propertyName(field.name)}: ${columnType(field)}`)
          .join(", ")} }`,
      ];
    default:
      return [];
  }
}

function encodingOptions(encoding: SourceColumn["encoding"]): string[] {
  switch (encoding?.kind) {
    case "epoch":
      return [`unit: ${literal(encoding.unit)}`];
    case "format": {
      const formats = encoding.formats.map(literal);
      return [`format: ${formats.length === 1 ? formats.join() : `[${formats.join(", ")}]`}`];
    }
    default:
      return [];
  }
}

/** Formats the lines of a `columns` literal, without its braces. */
export function columnLines(columns: readonly SourceColumn[]): string[] {
  return columns.map((column) => `${propertyName(column.name)}: ${columnType(column)},`);
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name);
}
