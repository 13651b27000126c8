import { type Column, columnTypeOf, type Schema } from "@mlforge/spec";

/** Returns the columns as a format must describe them. Arrow has no JSON, only strings, so a format may not know the difference. */
export function described(columns: Schema): Schema {
  return columns.map(({ name, ...column }) => ({ name, ...describedType(column) }));
}

function describedType(column: Column): Column {
  const type = columnTypeOf(column);
  if (type.kind === "json") return { ...type, kind: "string" };
  if (type.of !== undefined) return { ...type, of: describedType(type.of) };
  return type.fields === undefined ? type : { ...type, fields: described(type.fields) };
}
