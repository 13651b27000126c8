import { type Column, type Columns, columnKinds, columnTypeOf, type Schema, type VectorElement } from "@mlforge/spec";
import { DefinitionIssues, definitionInvalid } from "./definition-issues.js";
import { encodingsOf } from "./time-encoding.js";

/** More than any embedding needs. */
const longestVector = 100_000;

/** Checks the element type of a list. @throws DEFINITION_INVALID */
export function checkElement(of: Column): Column {
  const problem = innerProblem(of);
  if (problem !== undefined) throw definitionInvalid("list", `the elements of a list: ${problem}`);
  return columnTypeOf(of);
}

/** Checks the fields of a struct and returns them in order. @throws DEFINITION_INVALID, which lists every problem */
export function checkFields(fields: Columns): Schema {
  const issues = new DefinitionIssues();
  const entries = typeof fields === "object" && fields !== null ? Object.entries(fields) : [];
  if (entries.length === 0) issues.add("struct", "a struct needs at least one field");
  const seen = new Map<string, string>();
  for (const [name, field] of entries) {
    const other = seen.get(name.toLowerCase());
    if (name === "") issues.add("struct", "a field needs a name");
    if (other !== undefined) issues.add(`struct.${name}`, `fields "${other}" and "${name}" differ only in case; rename one of them`);
    seen.set(name.toLowerCase(), name);
    const problem = innerProblem(field);
    if (problem !== undefined) issues.add(`struct.${name}`, `field "${name}": ${problem}`);
  }
  issues.check();
  return entries.map(([name, field]) => ({ name, ...columnTypeOf(field) }));
}

/** Checks the length of a vector and the kind of its numbers. @throws DEFINITION_INVALID */
export function checkLength(length: unknown, element: unknown): { readonly length: number; readonly element: VectorElement } {
  if (typeof length !== "number" || !Number.isInteger(length) || length < 1 || length > longestVector) {
    throw definitionInvalid(
      "vector",
      `the length of a vector must be 1 to 100,000, got ${String(length)}; write for example t.vector(384, "float32")`,
    );
  }
  if (element === "float32" || element === "float64") return { length, element };
  throw definitionInvalid("vector", `the numbers of a vector must be "float32" or "float64", got ${JSON.stringify(element)}`);
}

/** Returns true if this is a column type with everything its kind needs. */
export function isColumnType(candidate: unknown): candidate is Column {
  if (typeof candidate !== "object" || candidate === null) return false;
  const { kind, nullable, of, length, element, fields }: Partial<Column> = candidate;
  if (kind === undefined || !columnKinds.includes(kind) || typeof nullable !== "boolean") return false;
  switch (kind) {
    case "list":
      return isColumnType(of);
    case "vector":
      return typeof length === "number" && (element === "float32" || element === "float64");
    case "struct":
      return Array.isArray(fields) && fields.length > 0 && fields.every(isColumnType);
    default:
      return true;
  }
}

function innerProblem(column: Column): string | undefined {
  if (!isColumnType(column)) return "expected a column type from t, such as t.int64()";
  if (encodingsOf({ column }).encodings === undefined) return undefined;
  return "timestamps in lists and structs must be timestamps or ISO 8601 text; remove format and unit, or declare t.string() and convert it";
}
