import { type Column, type ColumnKind, columnKinds, type Kind, type Schema } from "@mlforge/spec";
import fc from "fast-check";
import type { PlainValue } from "./plain-value.js";

export interface RandomRows {
  readonly columns: Schema;
  readonly rows: readonly (readonly PlainValue[])[];
}

/** Generates up to six columns of the given kinds, nullable or not, and up to forty rows. `kinds` defaults to all kinds. */
export function randomRows(kinds: readonly ColumnKind[] = columnKinds): fc.Arbitrary<RandomRows> {
  return fc.array(randomColumn(kinds, 2), { minLength: 1, maxLength: 6 }).chain((types) => {
    const columns = types.map((type, position) => ({ name: `column ${position}`, ...type }));
    return fc.array(fc.tuple(...columns.map(randomValue)), { maxLength: 40 }).map((rows) => ({ columns, rows }));
  });
}

/** Generates how many rows each of several batches has. */
export const randomSizes: fc.Arbitrary<readonly number[]> = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });

function randomColumn(kinds: readonly ColumnKind[], depth: number): fc.Arbitrary<Column> {
  const possible = depth === 0 ? kinds.filter((kind) => kind !== "list" && kind !== "struct") : kinds;
  return fc
    .tuple(
      fc.constantFrom(...possible).chain((kind) => randomKind(kind, kinds, depth)),
      fc.boolean(),
    )
    .map(([kind, nullable]) => ({ ...kind, nullable }));
}

function randomKind(kind: ColumnKind, kinds: readonly ColumnKind[], depth: number): fc.Arbitrary<Kind> {
  switch (kind) {
    case "decimal":
      return fc
        .integer({ min: 1, max: 38 })
        .chain((precision) => fc.integer({ min: 0, max: precision }).map((scale) => ({ kind, precision, scale })));
    case "list":
      return randomColumn(kinds, depth - 1).map((of) => ({ kind, of }));
    case "vector":
      return fc.record({
        kind: fc.constant(kind),
        length: fc.integer({ min: 1, max: 5 }),
        element: fc.constantFrom("float32" as const, "float64" as const),
      });
    case "struct":
      return fc
        .array(randomColumn(kinds, depth - 1), { minLength: 1, maxLength: 3 })
        .map((types) => ({ kind, fields: types.map((type, position) => ({ name: `field ${position}`, ...type })) }));
    default:
      return fc.constant({ kind });
  }
}

function randomValue(column: Column): fc.Arbitrary<PlainValue> {
  const value = plainValueOf(column);
  return column.nullable ? fc.option(value, { nil: null, freq: 3 }) : value;
}

function plainValueOf({ kind, precision = 38, of, length = 1, element, fields = [] }: Kind): fc.Arbitrary<PlainValue> {
  switch (kind) {
    case "string":
      return fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a", "b"));
    case "json":
      return fc.json();
    case "boolean":
      return fc.boolean();
    case "int32":
      return fc.integer();
    case "int64":
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String);
    case "float32":
      return fc.float();
    case "float64":
      return fc.double();
    case "decimal":
      return fc.bigInt(1n - 10n ** BigInt(precision), 10n ** BigInt(precision) - 1n).map(String);
    case "timestamp":
      return fc.bigInt(-(2n ** 60n), 2n ** 60n).map(String);
    case "date":
      return fc.integer({ min: -1_000_000, max: 1_000_000 });
    case "time":
      return fc.bigInt(0n, 86_399_999_999n).map(String);
    case "bytes":
      return fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("hex"));
    case "list":
      return fc.array(of === undefined ? fc.constant(null) : randomValue(of), { maxLength: 5 });
    case "vector":
      return fc.array(element === "float32" ? fc.float() : fc.double(), { minLength: length, maxLength: length });
    case "struct":
      return fc.tuple(...fields.map(randomValue));
  }
}
