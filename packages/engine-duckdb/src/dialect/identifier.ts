import { MlforgeError } from "@mlforge/spec";

/** Quotes an identifier. */
export function identifier(name: string): string {
  if (name.includes("\0")) throw invalidSql(`column ${JSON.stringify(name)} has a NUL character in its name; rename it`);
  return `"${name.replaceAll('"', '""')}"`;
}

export function invalidSql(message: string): MlforgeError<"DEFINITION_INVALID"> {
  return new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path: "sql", message }] });
}
