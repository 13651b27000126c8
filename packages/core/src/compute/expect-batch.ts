import { MlforgeError } from "@mlforge/spec";

/**
 * Checks that a function yielded a batch. Checks the shape, since a batch of another copy of Arrow is not an instance of our class.
 * @throws TRANSFORM_FAILED
 */
export function expectBatch(feature: string, yielded: unknown): void {
  const isObject = typeof yielded === "object" && yielded !== null;
  const isTable = isObject && "batches" in yielded && "schema" in yielded;
  if (isObject && !isTable && "schema" in yielded && "numRows" in yielded && "getChild" in yielded) return;
  const advice = isTable
    ? "yield the batches of the table: yield* table.batches"
    : "yield record batches like those that the function receives";
  throw new MlforgeError(
    "TRANSFORM_FAILED",
    `the function of feature "${feature}" must yield an Arrow RecordBatch, got ${isTable ? "an Arrow Table" : described(yielded)}; ${advice}`,
    { where: feature },
  );
}

function described(value: unknown): string {
  if (typeof value === "string" || typeof value === "function") return `a ${typeof value}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  const keys = Object.keys(value).slice(0, 3);
  return keys.length === 0 ? "an object" : `an object with ${keys.join(", ")}`;
}
