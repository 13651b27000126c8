import { DuckDBInstance } from "@duckdb/node-api";
import type { ColumnKind, Schema } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, rowsOf } from "./arrow-rows.js";
import { nullable, type Text, table } from "./plans.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

/** A value as a literal writes it, and as a batch must hold it. */
interface Sample {
  readonly text: Text;
  readonly cell: Cell;
}

const firstMicrosecond = -62_135_596_800_000_000n; // 0001-01-01
const lastMicrosecond = 253_402_300_799_999_999n; // 9999-12-31
const microsecondsOfDay = 86_400_000_000n;

function isoTimestamp(microseconds: bigint): string {
  const milliseconds = (microseconds - (((microseconds % 1000n) + 1000n) % 1000n)) / 1000n;
  const rest = microseconds - milliseconds * 1000n;
  return `${new Date(Number(milliseconds)).toISOString().slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

function integers(low: bigint, high: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(fc.bigInt({ min: low, max: high }), fc.constantFrom(low, high, 0n, -1n, 1n));
}

function decimals(precision: number, scale: number): fc.Arbitrary<Sample> {
  const most = 10n ** BigInt(precision) - 1n;
  return integers(-most, most).map((cell) => {
    const digits = String(cell < 0n ? -cell : cell).padStart(scale + 1, "0");
    const point = scale === 0 ? "" : `.${digits.slice(-scale)}`;
    return { cell, text: `${cell < 0n ? "-" : ""}${digits.slice(0, digits.length - scale)}${point}` };
  });
}

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("", "a", "twelve bytes", "thirteen byte", "x".repeat(100_000), "👍🏽 é 漢字", "'; --", '"', "\0", "a\0b\0", "\n\r\t\\"),
);

const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, Number.MAX_VALUE));

const samples: Readonly<Record<string, { readonly type: Schema[number]; readonly of: fc.Arbitrary<Sample> }>> = {
  string: { type: nullable("string", "string"), of: texts.map((text) => ({ text, cell: text })) },
  boolean: { type: nullable("boolean", "boolean"), of: fc.boolean().map((cell) => ({ text: String(cell), cell })) },
  int32: {
    type: nullable("int32", "int32"),
    of: integers(-(2n ** 31n), 2n ** 31n - 1n).map((n) => ({ text: String(n), cell: Number(n) })),
  },
  int64: { type: nullable("int64", "int64"), of: integers(-(2n ** 63n), 2n ** 63n - 1n).map((cell) => ({ text: String(cell), cell })) },
  float32: { type: nullable("float32", "float32"), of: double.map(Math.fround).map((cell) => ({ text: numberText(cell), cell })) },
  float64: { type: nullable("float64", "float64"), of: double.map((cell) => ({ text: numberText(cell), cell })) },
  timestamp: {
    type: nullable("timestamp", "timestamp"),
    of: integers(firstMicrosecond, lastMicrosecond).map((cell) => ({ text: isoTimestamp(cell), cell })),
  },
  date: {
    type: nullable("date", "date"),
    of: integers(firstMicrosecond / microsecondsOfDay, lastMicrosecond / microsecondsOfDay).map((day) => ({
      text: isoTimestamp(day * microsecondsOfDay).slice(0, 10),
      cell: Number(day),
    })),
  },
  bytes: {
    type: nullable("bytes", "bytes"),
    of: fc
      .uint8Array({ maxLength: 30 })
      .map((bytes) => ({ text: Buffer.from(bytes).toString("base64"), cell: Buffer.from(bytes).toString("hex") })),
  },
  ...Object.fromEntries(
    [4, 9, 18, 38].map((precision) => {
      const scale = Math.floor(precision / 2);
      return [
        `decimal(${precision})`,
        { type: nullable(`d${precision}`, "decimal", { precision, scale }), of: decimals(precision, scale) },
      ];
    }),
  ),
};

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

const kinds: readonly ColumnKind[] = ["string", "boolean", "int32", "int64", "float32", "float64", "decimal", "timestamp", "date", "bytes"];

describe("the batches of a query", () => {
  it("are covered for every kind", () => {
    expect(new Set(Object.values(samples).map(({ type }) => type.kind))).toEqual(new Set(kinds));
  });

  for (const [name, { type, of }] of Object.entries(samples)) {
    it(`hold ${name} values and nulls exactly`, async () => {
      const column = fc.array(fc.option(of, { freq: 4, nil: { text: null, cell: null } }), { maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(column, async (values) => {
          const rows = await rowsOf(
            engine,
            table(
              [type],
              values.map(({ text }) => [text]),
            ),
          );
          expect(rows.map(([cell]) => cell)).toStrictEqual(values.map(({ cell }) => cell));
        }),
        { numRuns: 40 },
      );
    });
  }

  it("hold what DuckDB's own values say, across batches, with nulls in every column", async () => {
    const query = `SELECT
      CASE WHEN i % 3 > 0 THEN i END AS int64, CASE WHEN i % 5 > 0 THEN CAST(i % 1000 AS INTEGER) END AS int32,
      CASE WHEN i % 7 > 0 THEN i / 7 END AS float64, CASE WHEN i % 2 > 0 THEN i % 11 = 0 END AS boolean,
      CASE WHEN i % 13 > 0 THEN repeat('é', CAST(i % 20 AS INTEGER)) END AS string,
      CASE WHEN i % 17 > 0 THEN CAST(i AS DECIMAL(9, 2)) END AS decimal
      FROM range(200000) AS r(i) ORDER BY i`;
    const columns = [
      nullable("int64", "int64"),
      nullable("int32", "int32"),
      nullable("float64", "float64"),
      nullable("boolean", "boolean"),
      nullable("string", "string"),
      nullable("decimal", "decimal", { precision: 9, scale: 2 }),
    ];
    const plan = { op: "sql", query, inputs: {}, columns } as const;
    const rows = await rowsOf(engine, plan);
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(compile(plan, duckdb));
    const expected = reader.getRowsJson().map(([int64, int32, float64, boolean, string, decimal]) => {
      return [
        int64 === null ? null : BigInt(String(int64)),
        int32,
        float64,
        boolean,
        string,
        decimal === null ? null : BigInt(String(decimal).replace(".", "")),
      ];
    });
    connection.closeSync();
    instance.closeSync();
    expect(rows.length).toBe(200_000);
    expect(rows).toStrictEqual(expected);
  });

  it("are one, with the columns, where there are no rows", async () => {
    const batches = [];
    for await (const batch of engine.run(table([nullable("a", "string")], []))) batches.push(batch);
    expect(batches.map(({ numRows, schema }) => [numRows, schema.fields.map(({ name, type }) => `${name} ${type}`)])).toEqual([
      [0, ["a Utf8"]],
    ]);
  });

  it("have at most 65,536 rows, and fewer where the text is long", async () => {
    const sizes = async (query: string): Promise<number[]> => {
      const batches = [];
      for await (const batch of engine.run({ op: "sql", query, inputs: {}, columns: [nullable("s", "string")] }))
        batches.push(batch.numRows);
      return batches;
    };
    expect(await sizes("SELECT CAST(i AS VARCHAR) AS s FROM range(150000) AS r(i)")).toEqual([65_536, 65_536, 18_928]);
    const long = await sizes("SELECT repeat('x', 20000) AS s FROM range(10000) AS r(i)");
    expect(long.length).toBeGreaterThan(2);
    expect(long.reduce((sum, rows) => sum + rows, 0)).toBe(10_000);
  });

  it("flatten constants and dictionaries", async () => {
    const query =
      "SELECT 'the same long text' AS constant, c AS dictionary FROM (SELECT unnest(['a long dictionary word', NULL, 'b']) AS c), range(3) ORDER BY c";
    const rows = await rowsOf(engine, {
      op: "sql",
      query,
      inputs: {},
      columns: [nullable("constant", "string"), nullable("dictionary", "string")],
    });
    expect(rows.map(([constant]) => constant)).toEqual(Array(9).fill("the same long text"));
    expect(rows.map(([, word]) => word)).toEqual([...Array(3).fill("a long dictionary word"), ...Array(3).fill("b"), null, null, null]);
  });
});
