import { MlforgeError } from "@mlforge/spec";

/** Checks what a function yielded, by shape, since a batch of another copy of Arrow is no instance of ours. @throws TRANSFORM_FAILED */
export function expectBatch(feature: string, yielded: unknown): void {
  const isObject = typeof yielded === "object" && yielded !== null;
  const isTable = isObject && "batches" in yielded && "schema" in yielded;
  if (isObject && !isTable && "schema" in yielded && "numRows" in yielded && "getChild" in yielded) return;
  const advice = isTable ? "yield the batches of the table: yield* table.batches" : "yield batches such as those the function is given";
  throw new MlforgeError(
    "TRANSFORM_FAILED",
    `the function of feature "${feature}" yielded ${isTable ? "an Arrow Table" : described(yielded)}, not an Arrow RecordBatch; ${advice}`,
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
