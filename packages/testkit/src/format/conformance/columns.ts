import { deepEqual } from "node:assert/strict";
import { type Column, columnTypeOf, type Description, type Schema } from "@mlforge/spec";

/** Asserts that a file is described with exactly these columns. Arrow has no JSON, only strings, so a format can describe JSON as a string. */
export function expectColumns({ columns, unsupported }: Description, expected: Schema): void {
  deepEqual({ columns: typesOf(columns), unsupported }, { columns: typesOf(expected), unsupported: [] });
}

function typesOf(columns: Schema): Schema {
  return columns.map(({ name, ...column }) => ({ name, ...typeOf(column) }));
}

function typeOf(column: Column): Column {
  const type = columnTypeOf(column);
  if (type.kind === "json") return { ...type, kind: "string" };
  if (type.of !== undefined) return { ...type, of: typeOf(type.of) };
  return type.fields === undefined ? type : { ...type, fields: typesOf(type.fields) };
}
