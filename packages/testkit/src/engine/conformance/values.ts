import { deepEqual } from "node:assert/strict";
import { type ColumnKind, columnKinds, type NamedColumn } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "../arrow-rows.js";
import { nullable, type Text, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { firstTimestamp, lastTimestamp, timestampText } from "../timestamps.js";

/** A value as a literal writes it, and as a batch must hold it. */
interface Sample {
  readonly text: Text;
  readonly cell: Cell;
}

const microsecondsOfDay = 86_400_000_000n;

function integers(low: bigint, high: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(fc.bigInt({ min: low, max: high }), fc.constantFrom(low, high, 0n, -1n, 1n));
}

function decimals(precision: number): { readonly type: NamedColumn; readonly of: fc.Arbitrary<Sample> } {
  const scale = Math.floor(precision / 2);
  const most = 10n ** BigInt(precision) - 1n;
  const of = integers(-most, most).map((cell) => {
    const digits = String(cell < 0n ? -cell : cell).padStart(scale + 1, "0");
    const point = scale === 0 ? "" : `.${digits.slice(-scale)}`;
    return { cell, text: `${cell < 0n ? "-" : ""}${digits.slice(0, digits.length - scale)}${point}` };
  });
  return { type: nullable("x", "decimal", { precision, scale }), of };
}

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("", "a", "twelve bytes", "thirteen byte", "x".repeat(100_000), "👍🏽 é 漢字", "'; --", '"', "\0", "a\0b\0", "\n\r\t\\"),
);

const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, Number.MAX_VALUE));

function number(kind: ColumnKind, of: fc.Arbitrary<number>): { readonly type: NamedColumn; readonly of: fc.Arbitrary<Sample> } {
  return { type: nullable("x", kind), of: of.map((cell) => ({ cell, text: Object.is(cell, -0) ? "-0" : String(cell) })) };
}

/** Values of every kind, in the nullable column `x`. */
export const samples: readonly { readonly type: NamedColumn; readonly of: fc.Arbitrary<Sample> }[] = [
  { type: nullable("x", "string"), of: texts.map((text) => ({ text, cell: text })) },
  { type: nullable("x", "boolean"), of: fc.boolean().map((cell) => ({ text: String(cell), cell })) },
  number("int32", integers(-(2n ** 31n), 2n ** 31n - 1n).map(Number)),
  { type: nullable("x", "int64"), of: integers(-(2n ** 63n), 2n ** 63n - 1n).map((cell) => ({ text: String(cell), cell })) },
  number("float32", double.map(Math.fround)),
  number("float64", double),
  { type: nullable("x", "timestamp"), of: integers(firstTimestamp, lastTimestamp).map((cell) => ({ text: timestampText(cell), cell })) },
  {
    type: nullable("x", "date"),
    of: integers(firstTimestamp / microsecondsOfDay, lastTimestamp / microsecondsOfDay).map((day) => ({
      text: timestampText(day * microsecondsOfDay).slice(0, 10),
      cell: Number(day),
    })),
  },
  {
    type: nullable("x", "bytes"),
    of: fc
      .uint8Array({ maxLength: 30 })
      .map((bytes) => ({ text: Buffer.from(bytes).toString("base64"), cell: Buffer.from(bytes).toString("hex") })),
  },
  ...[4, 9, 18, 38].map(decimals),
  {
    type: nullable("x", "time"),
    of: fc.bigInt({ min: 0n, max: microsecondsOfDay - 1n }).map((cell) => ({ text: timestampText(cell).slice(11, 26), cell })),
  },
  {
    type: nullable("x", "json"),
    of: fc.constantFrom('{"a": 1.50}', "[]", "9007199254740993", '"\\u00e9"').map((text) => ({ text, cell: text })),
  },
  {
    type: nullable("x", "list", { of: { kind: "int64", nullable: true } }),
    of: fc
      .array(fc.option(integers(-(2n ** 63n), 2n ** 63n - 1n)), { maxLength: 5 })
      .map((list) => ({ text: `[${list.map(String).join(",")}]`, cell: JSON.stringify(list, bigintText) })),
  },
  {
    type: nullable("x", "vector", { length: 2, element: "float64" }),
    of: fc
      .tuple(fc.integer(), fc.constantFrom(0.5, -1e300))
      .map((vector) => ({ text: JSON.stringify(vector), cell: JSON.stringify(vector) })),
  },
  {
    type: nullable("x", "struct", {
      fields: [nullable("a", "string"), nullable("b", "boolean")],
    }),
    of: fc
      .record({ a: fc.option(fc.string({ maxLength: 5 })), b: fc.option(fc.boolean()) })
      .map((struct) => ({ text: JSON.stringify(struct), cell: JSON.stringify(struct) })),
  },
];

/** The Arrow type of each kind. */
const arrowTypes: Readonly<Record<ColumnKind, string>> = {
  string: "Utf8",
  json: "Utf8",
  boolean: "Bool",
  int32: "Int32",
  int64: "Int64",
  float32: "Float32",
  float64: "Float64",
  decimal: "Decimal",
  timestamp: "Timestamp<MICROSECOND, UTC>",
  date: "Date32<DAY>",
  time: "Time64<MICROSECOND>",
  bytes: "Binary",
  list: "List",
  vector: "FixedSizeList[2]",
  struct: "Struct",
};

/** Writes int64 as a batch shows it. */
function bigintText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

export function valueLaws(law: EngineLaw): void {
  const untested = columnKinds.filter((kind) => !samples.some(({ type }) => type.kind === kind));
  if (untested.length > 0) throw new TypeError(`the suite has no values of ${untested.join(", ")}`);
  for (const { type, of } of samples) {
    const name = type.precision === undefined ? type.kind : `${type.kind} (${type.precision} digits)`;
    law(`batches hold ${name} values and nulls exactly`, { kinds: [type.kind] }, async ({ rows }) => {
      const column = fc.array(fc.option(of, { freq: 4, nil: { text: null, cell: null } }), { maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(column, async (values) => {
          const plan = table(
            [nullable("row", "int64"), type],
            values.map(({ text }, row) => [String(row), text]),
          );
          const found = (await rows(plan)).sort(([a], [b]) => Number(a) - Number(b));
          deepEqual(
            found,
            values.map(({ cell }, row) => [BigInt(row), cell]),
          );
        }),
        { numRuns: 40 },
      );
    });
  }

  const types = new Map(samples.map(({ type }) => [type.kind, type]));
  for (const [kind, type] of types) {
    law(`batches hold ${kind} in its Arrow type`, { kinds: [kind] }, async ({ engine }) => {
      for await (const { schema } of engine.run(table([type], [[null]]))) {
        const found = schema.fields.map((field) => String(field.type).slice(0, arrowTypes[kind].length));
        deepEqual(found, [arrowTypes[kind]]);
      }
    });
  }

  law("run yields a batch with the columns even if there are no rows", {}, async ({ engine }) => {
    const batches = [];
    for await (const batch of engine.run(table([nullable("a", "string")], []))) batches.push(batch);
    const found = batches.map(({ numRows, schema }) => [numRows, schema.fields.map(({ name, type }) => `${name} ${type}`)]);
    deepEqual(found, [[0, ["a Utf8"]]]);
  });
}
