import { type Column, elementOf, fieldsOf, type NamedColumn, vectorOf } from "@mlforge/spec";
import * as fc from "fast-check";

/**
 * A value as JSON holds it without loss: integers of 64 bits, decimals and microseconds as digits, floats as numbers or names, dates and times as text, bytes in
 * hex, JSON as its text, lists and vectors as arrays, structs as the values of their fields.
 */
export type Plain = string | number | boolean | null | readonly Plain[];

/** Columns, and rows of plain values in their order. */
export interface Table {
  readonly columns: readonly NamedColumn[];
  readonly rows: readonly (readonly Plain[])[];
}

interface Typed {
  readonly type: Omit<Column, "nullable">;
  readonly value: fc.Arbitrary<Plain>;
}

const floats = (float: fc.Arbitrary<number>): fc.Arbitrary<Plain> => float.map(plainFloat);
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom("", "null", "1", '"', "\\", "[1]", "a\nb", "\ufeffbom"),
);
const twoDigits = (max: number): fc.Arbitrary<string> => fc.integer({ min: 0, max }).map((part) => String(part).padStart(2, "0"));

const scalars: readonly fc.Arbitrary<Typed>[] = [
  fc.constant({ type: { kind: "string" }, value: text }),
  fc.constant({ type: { kind: "boolean" }, value: fc.boolean() }),
  fc.constant({ type: { kind: "int32" }, value: fc.integer() }),
  fc.constant({ type: { kind: "int64" }, value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String) }),
  fc.constant({ type: { kind: "float32" }, value: floats(fc.float()) }),
  fc.constant({ type: { kind: "float64" }, value: floats(fc.double()) }),
  fc.constant({ type: { kind: "date" }, value: fc.integer({ min: -700_000, max: 2_900_000 }).map(plainDate) }),
  fc.constant({ type: { kind: "timestamp" }, value: fc.bigInt(-(2n ** 55n), 2n ** 57n).map(String) }),
  fc.constant({
    type: { kind: "bytes" },
    value: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(new Uint8Array())).map((bytes) => Buffer.from(bytes).toString("hex")),
  }),
  fc.constant({
    type: { kind: "time" },
    value: fc
      .tuple(twoDigits(23), twoDigits(59), twoDigits(59), fc.integer({ min: 0, max: 999_999 }))
      .map(([hour, minute, second, micro]) => `${hour}:${minute}:${second}.${String(micro).padStart(6, "0")}`),
  }),
  // Inside of a list in text, the null of JSON is a null.
  fc.constant({
    type: { kind: "json" },
    value: fc.oneof(
      fc.json().filter((json) => json !== "null"),
      fc.constantFrom("1.10", "12345678901234567890.5", '{"a":[1e400]}'),
    ),
  }),
  fc.integer({ min: 1, max: 38 }).chain((precision) =>
    fc.integer({ min: 0, max: precision }).map((scale) => ({
      type: { kind: "decimal" as const, precision, scale },
      value: fc.bigInt(1n - 10n ** BigInt(precision), 10n ** BigInt(precision) - 1n).map((unscaled) => plainDecimal(unscaled, scale)),
    })),
  ),
];

const scalar = fc.oneof(...scalars);
const { any } = fc.letrec<{ any: Typed }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    tie("any").map(
      (of): Typed => ({
        type: { kind: "list", of: { ...of.type, nullable: true } },
        value: fc.array(fc.option(of.value, { freq: 4 }), { maxLength: 4 }),
      }),
    ),
    fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((fields): Typed => {
      const names = ["city", "__proto__", 'a "b', "constructor"];
      return {
        type: { kind: "struct", fields: fields.map(({ type }, index) => ({ name: names[index] ?? "", ...type, nullable: true })) },
        value: fc.tuple(...fields.map(({ value }) => fc.option(value, { freq: 4 }))),
      };
    }),
    fc.record({ length: fc.integer({ min: 1, max: 5 }), element: fc.constantFrom("float32" as const, "float64" as const) }).map(
      ({ length, element }): Typed => ({
        type: { kind: "vector", length, element },
        value: fc.array(floats(element === "float32" ? fc.float() : fc.double()), { minLength: length, maxLength: length }),
      }),
    ),
  ),
}));

/** A key column, columns of every kind of type, and up to twelve rows. */
export const tables: fc.Arbitrary<Table> = fc.array(any, { minLength: 1, maxLength: 5 }).chain((found) => {
  const names = ["v", "__proto__", "constructor", "x y", 'q"'];
  const values = found.map(({ type }, index): NamedColumn => ({ name: names[index] ?? "", ...type, nullable: true }));
  const columns: readonly NamedColumn[] = [{ name: "id", kind: "int64", nullable: false }, ...values];
  return fc
    .array(fc.tuple(...found.map(({ value }) => fc.option(value, { freq: 5 }))), { maxLength: 12 })
    .map((rows) => ({ columns, rows: rows.map((row, index) => [String(index), ...row]) }));
});

/** A value of a row, read with bigints and microseconds, as a plain one. */
export function plainOf(value: unknown, type: Column): Plain {
  if (value === null) return null;
  switch (type.kind) {
    case "list":
      return [...iterable(value)].map((each) => plainOf(each, elementOf(type)));
    case "vector": {
      const { element } = vectorOf(type);
      return [...iterable(value)].map((each) => plainOf(each, { kind: element, nullable: false }));
    }
    case "struct": {
      const members = new Map(Object.entries(Object(value)));
      return fieldsOf(type).map((field) => plainOf(members.get(field.name), field));
    }
    case "float32":
    case "float64":
      return plainFloat(Number(value));
    case "date":
      return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
    case "bytes":
      return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
    case "int32":
      return Number(value);
    case "boolean":
      return value === true;
    default:
      return String(value);
  }
}

function iterable(value: unknown): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array) return value;
  throw new TypeError(`${String(value)} is not a list`);
}

function plainFloat(value: number): Plain {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : value;
  return String(value);
}

function plainDate(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

function plainDecimal(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const sign = unscaled < 0n ? "-" : "";
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
