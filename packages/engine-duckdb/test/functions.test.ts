import { type Expression, type ScalarFunction, type ScalarKind, scalarFunctions } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, onlyValue, rowsOf } from "./arrow-rows.js";
import { call, column, literal, nullable, table, value } from "./plans.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const int32 = (text: string): Expression => literal("int32", text);
const int64 = (text: string): Expression => literal("int64", text);
const float32 = (text: string): Expression => literal("float32", text);
const float64 = (text: string): Expression => literal("float64", text);
const decimal = (text: string): Expression => literal("decimal", text);
const string = (text: string): Expression => literal("string", text);
const boolean = (text: string): Expression => literal("boolean", text);
const timestamp = (text: string): Expression => literal("timestamp", text);
const date = (text: string): Expression => literal("date", text);
const bytes = (text: string): Expression => literal("bytes", text);
const none = (kind: ScalarKind): Expression => literal(kind, null);

const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;
const day = "86400000000";

/** Calls, and the kind and the value they must have. */
const cases: readonly (readonly [ScalarFunction, readonly Expression[], ScalarKind, Cell])[] = [
  ["add", [int32("2147483647"), int32("1")], "int64", 2_147_483_648n],
  ["add", [int64("9007199254740993"), int32("1")], "int64", 9_007_199_254_740_994n],
  ["add", [decimal("0.1"), decimal("0.25")], "decimal", 35n],
  ["add", [decimal("0.1"), int32("1")], "decimal", 11n],
  ["add", [float32("0.5"), int32("1")], "float64", 1.5],
  ["add", [none("int64"), int32("1")], "int64", null],
  ["subtract", [int32("-2147483648"), int32("1")], "int64", -2_147_483_649n],
  ["multiply", [int32("65536"), int32("65536")], "int64", 4_294_967_296n],
  ["multiply", [decimal("1.5"), decimal("-0.25")], "decimal", -375n],
  ["divide", [int32("7"), int32("2")], "float64", 3.5],
  ["divide", [int32("7"), int32("0")], "float64", null],
  ["divide", [float64("1"), float64("-0")], "float64", null],
  ["divide", [decimal("1"), decimal("8")], "float64", 0.125],
  ["modulo", [int32("-7"), int32("3")], "int64", -1n],
  ["modulo", [int32("7"), int32("0")], "int64", null],
  ["modulo", [float64("7.5"), int32("2")], "float64", 1.5],
  ["modulo", [float64("7.5"), float64("0")], "float64", null],
  ["modulo", [decimal("7.5"), decimal("0.2")], "decimal", 1n],
  ["negate", [int32("5")], "int32", -5],
  ["negate", [int64("-9223372036854775807")], "int64", 9_223_372_036_854_775_807n],
  ["negate", [float32("1.5")], "float32", -1.5],
  ["negate", [float64("0")], "float64", -0],
  ["negate", [decimal("1.50")], "decimal", -150n],
  ["absolute", [int32("-5")], "int32", 5],
  ["absolute", [float32("-1.5")], "float32", 1.5],
  ["absolute", [decimal("-1.50")], "decimal", 150n],
  ["round", [float64("2.5"), int32("0")], "float64", 3],
  ["round", [float64("-2.5"), int32("0")], "float64", -3],
  ["round", [decimal("1234.567"), int64("1")], "float64", 1234.6],
  ["round", [int64("1250"), int32("-2")], "float64", 1300],
  ["floor", [int64("9007199254740993")], "int64", 9_007_199_254_740_993n],
  ["floor", [float32("-1.5")], "float32", -2],
  ["floor", [decimal("-1.25")], "decimal", -200n],
  ["ceiling", [int32("3")], "int32", 3],
  ["ceiling", [float64("1.2")], "float64", 2],
  ["ceiling", [decimal("1.25")], "decimal", 200n],
  ["squareRoot", [int32("9")], "float64", 3],
  ["squareRoot", [float64("-1")], "float64", null],
  ["squareRoot", [float64("NaN")], "float64", Number.NaN],
  ["naturalLogarithm", [int32("1")], "float64", 0],
  ["naturalLogarithm", [float64("0")], "float64", null],
  ["naturalLogarithm", [decimal("-0.5")], "float64", null],
  ["exponential", [int32("0")], "float64", 1],
  ["exponential", [float64("1000")], "float64", Number.POSITIVE_INFINITY],
  ["power", [int32("2"), int32("10")], "float64", 1024],
  ["power", [float64("-1"), float64("0.5")], "float64", Number.NaN],
  ["equal", [float64("NaN"), float64("NaN")], "boolean", true],
  ["equal", [int64("9007199254740993"), int32("1")], "boolean", false],
  ["equal", [none("string"), string("")], "boolean", null],
  ["equal", [decimal("1.50"), decimal("1.5")], "boolean", true],
  ["equal", [bytes("AAE="), bytes("AAE=")], "boolean", true],
  ["notEqual", [string("a"), string("A")], "boolean", true],
  ["less", [float64("Infinity"), float64("NaN")], "boolean", true],
  ["less", [string("Z"), string("a")], "boolean", true],
  ["less", [string("z"), string("é")], "boolean", true],
  ["less", [float64("-0"), float64("0")], "boolean", false],
  ["lessOrEqual", [date("2020-02-29"), date("2020-03-01")], "boolean", true],
  ["greater", [float64("NaN"), float64("1")], "boolean", true],
  ["greaterOrEqual", [timestamp("2020-01-01T00:00:00.000000Z"), timestamp("2020-01-01T00:00:00.000001Z")], "boolean", false],
  ["in", [int32("2"), int32("1"), int64("2")], "boolean", true],
  ["in", [string("c"), string("a"), string("b")], "boolean", false],
  ["isNull", [none("bytes")], "boolean", true],
  ["isNotNull", [none("bytes")], "boolean", false],
  ["isNaN", [float64("NaN")], "boolean", true],
  ["isNaN", [none("float64")], "boolean", false],
  ["isNaN", [int32("1")], "boolean", false],
  ["and", [boolean("true"), none("boolean"), boolean("false")], "boolean", false],
  ["and", [boolean("true"), none("boolean")], "boolean", null],
  ["or", [none("boolean"), boolean("true")], "boolean", true],
  ["or", [none("boolean"), boolean("false")], "boolean", null],
  ["not", [boolean("true")], "boolean", false],
  ["not", [none("boolean")], "boolean", null],
  ["coalesce", [none("int32"), int64("5"), int32("6")], "int64", 5n],
  ["nullIf", [int32("1"), int64("1")], "int64", null],
  ["nullIf", [string("a"), string("b")], "string", "a"],
  ["least", [int32("3"), none("int32"), int32("2")], "int32", 2],
  ["least", [none("int32"), none("int32")], "int32", null],
  ["greatest", [float64("1"), float64("NaN")], "float64", Number.NaN],
  ["greatest", [decimal("1.5"), int32("2")], "decimal", 20n],
  ["lower", [string("ÀÉ")], "string", "àé"],
  ["upper", [string("àé")], "string", "ÀÉ"],
  ["trim", [string("  a b ")], "string", "a b"],
  ["length", [string("👍🏽é")], "int64", 3n],
  ["concat", [string("a"), string("'"), string("c")], "string", "a'c"],
  ["concat", [string("a"), none("string")], "string", null],
  ["contains", [string("100%"), string("%")], "boolean", true],
  ["contains", [string("abc"), string("_")], "boolean", false],
  ["startsWith", [string("abc"), string("ab")], "boolean", true],
  ["startsWith", [string("abc"), string("b")], "boolean", false],
  ["endsWith", [string("abc"), string("bc")], "boolean", true],
  ["endsWith", [string("abc"), string("b")], "boolean", false],
  ["matches", [string("flight 12"), string("\\d+$")], "boolean", true],
  ["matches", [string("flight"), string("^light")], "boolean", false],
  ["replace", [string("a.b.c"), string("."), string("")], "string", "abc"],
  ["substring", [string("a👍🏽é"), int32("2"), int32("2")], "string", "👍🏽"],
  ["substring", [string("abc"), int64("2"), int64("9")], "string", "bc"],
  ["truncate", [timestamp("2024-02-29T23:59:59.999999Z"), int64(day)], "timestamp", micros("2024-02-29T00:00:00Z")],
  ["truncate", [timestamp("1969-12-31T23:59:59.500000Z"), int64("1000000")], "timestamp", -1_000_000n],
  ["truncate", [timestamp("0001-01-03T12:00:00.000000Z"), int64(day)], "timestamp", micros("0001-01-03T00:00:00Z")],
  ["year", [timestamp("0001-01-01T00:00:00.000000Z")], "int64", 1n],
  ["year", [date("9999-12-31")], "int64", 9999n],
  ["month", [date("2024-02-29")], "int64", 2n],
  ["day", [date("2024-02-29")], "int64", 29n],
  ["hour", [timestamp("1969-12-31T23:59:58.900000Z")], "int64", 23n],
  ["minute", [timestamp("1969-12-31T23:59:58.900000Z")], "int64", 59n],
  ["second", [timestamp("1969-12-31T23:59:58.900000Z")], "int64", 58n],
  ["dayOfWeek", [date("2024-03-03")], "int64", 7n],
  ["dayOfWeek", [date("2024-03-04")], "int64", 1n],
  ["dayOfYear", [date("2024-12-31")], "int64", 366n],
  ["addMicroseconds", [timestamp("1970-01-01T00:00:00.000000Z"), int32("-1")], "timestamp", -1n],
  ["microsecondsBetween", [timestamp("1970-01-01T00:00:01.000000Z"), timestamp("1970-01-01T00:00:00.000001Z")], "int64", -999_999n],
  ["surrogateKey", [string("Ada"), none("string")], "string", "39749110719760a06477ac9dbc78ff5330bb9b50d79be130bbddd571b3eb5b8e"],
];

/** Those of nested kinds are tested in `core`, through the builder. */
const nestedFunctions: readonly ScalarFunction[] = [
  "listLength",
  "listElement",
  "listContains",
  "vector",
  "dotProduct",
  "cosineSimilarity",
  "vectorNorm",
  "structField",
  "jsonValue",
];

describe("a function", () => {
  it("is tested, each of them", () => {
    expect(new Set(cases.map(([name]) => name))).toEqual(new Set(scalarFunctions.filter((name) => !nestedFunctions.includes(name))));
  });

  it.each(cases.map(([name, args, kind, expected], index) => ({ name, args, kind, expected, index })))(
    "$name gives $expected as $kind (case $index)",
    async ({ name, args, kind, expected }) => {
      const plan = value(call(name, ...args));
      const { columns } = await engine.describe(plan);
      expect(columns.map((found) => found.kind)).toEqual([kind]);
      expect(await onlyValue(engine, plan)).toStrictEqual(expected);
    },
  );

  it("of a null argument is null where the contract says no more", async () => {
    const special: readonly ScalarFunction[] = [
      "isNull",
      "isNotNull",
      "isNaN",
      "and",
      "or",
      "coalesce",
      "least",
      "greatest",
      "in",
      "nullIf",
      "surrogateKey",
    ];
    const ordinary = new Map(cases.filter(([name]) => !special.includes(name)).map(([name, args]) => [name, args]));
    for (const [name, args] of ordinary) {
      for (const position of args.keys()) {
        const nulled = args.map((argument, index) =>
          index === position && argument.expr === "literal" ? { ...argument, value: null } : argument,
        );
        expect([name, position, await onlyValue(engine, value(call(name, ...nulled)))]).toEqual([name, position, null]);
      }
    }
  });
});

describe("arithmetic of integers", () => {
  const bounds = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
  const integer = fc.oneof(fc.bigInt(bounds), fc.bigInt({ min: -100n, max: 100n }), fc.constantFrom(bounds.min, bounds.max));
  const exact = {
    add: (a: bigint, b: bigint) => a + b,
    subtract: (a: bigint, b: bigint) => a - b,
    multiply: (a: bigint, b: bigint) => a * b,
  };

  it.each(["add", "subtract", "multiply"] as const)("%s is exact or fails", async (name) => {
    await fc.assert(
      fc.asyncProperty(integer, integer, async (a, b) => {
        const expected = exact[name](a, b);
        const found = onlyValue(engine, value(call(name, int64(String(a)), int64(String(b)))));
        if (expected >= bounds.min && expected <= bounds.max) expect(await found).toBe(expected);
        else await expect(found).rejects.toMatchObject({ code: "ARITHMETIC_OVERFLOW" });
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["the negative of the least int32", call("negate", int32("-2147483648"))],
    ["the absolute value of the least int64", call("absolute", int64("-9223372036854775808"))],
    ["a decimal beyond 38 digits", call("multiply", decimal("9".repeat(38)), decimal("10"))],
    ["a cast to a smaller integer", { expr: "cast", value: int64("2147483648"), to: { kind: "int32" } }],
    ["a cast of an infinite number", { expr: "cast", value: float64("Infinity"), to: { kind: "int64" } }],
  ] as const)("%s is an overflow", async (_, expression) => {
    await expect(onlyValue(engine, value(expression))).rejects.toMatchObject({ code: "ARITHMETIC_OVERFLOW" });
  });
});

describe("truncate", () => {
  it("is the greatest multiple of the duration that is not later", async () => {
    const instant = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
    const duration = fc.oneof(
      fc.bigInt({ min: 1n, max: 10n ** 7n }),
      fc.constantFrom(1_000_000n, 3_600_000_000n, 86_400_000_000n, 604_800_000_000n),
    );
    await fc.assert(
      fc.asyncProperty(instant, duration, async (at, length) => {
        const shifted = call("addMicroseconds", timestamp("1970-01-01T00:00:00.000000Z"), int64(String(at)));
        const found = await onlyValue(engine, value(call("truncate", shifted, int64(String(length)))));
        const multiple = (at / length - (at % length < 0n ? 1n : 0n)) * length;
        expect(found).toBe(multiple);
      }),
      { numRuns: 60 },
    );
  });
});

describe("strings", () => {
  it("are measured and cut in code points", async () => {
    const text = fc.string({ unit: "binary", maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 14 }), fc.integer({ min: 0, max: 14 }), async (whole, start, length) => {
        const points = [...whole];
        expect(await onlyValue(engine, value(call("length", string(whole))))).toBe(BigInt(points.length));
        const cut = call("substring", string(whole), int64(String(start)), int64(String(length)));
        expect(await onlyValue(engine, value(cut))).toBe(points.slice(start - 1, start - 1 + length).join(""));
      }),
      { numRuns: 60 },
    );
  });
});

describe("comparison", () => {
  it("orders floats with NaN equal to itself and above all others", async () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, -0, 1));
    const rank = (a: number, b: number): number =>
      Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : Math.sign(a - b) || 0;
    await fc.assert(
      fc.asyncProperty(number, number, async (a, b) => {
        const order = a === b ? 0 : Number.isFinite(a - b) || Number.isNaN(a) || Number.isNaN(b) ? rank(a, b) : a < b ? -1 : 1;
        const names = ["less", "lessOrEqual", "equal", "notEqual", "greaterOrEqual", "greater"] as const;
        const columns = names.map((name) => ({ name, value: call(name, float64(String(a)), float64(String(b))) }));
        const [row] = await rowsOf(engine, { op: "project", input: table([nullable("x", "int32")], [["1"]]), columns });
        expect(row).toEqual([order < 0, order <= 0, order === 0, order !== 0, order >= 0, order > 0]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a cast", () => {
  it.each<[Expression, ScalarKind, Cell]>([
    [string("2020-01-01T02:00:00+02:00"), "timestamp", micros("2020-01-01T00:00:00Z")],
    [string("2020-01-01 00:00:00.5"), "timestamp", micros("2020-01-01T00:00:00.500Z")],
    [string("2020-01-01"), "date", 18_262],
    [string("é"), "bytes", "c3a9"],
    [bytes("w6k="), "string", "é"],
    [date("1969-12-31"), "timestamp", -86_400_000_000n],
    [timestamp("1969-12-31T23:59:59.000000Z"), "date", -1],
    [string("9007199254740993"), "int64", 9_007_199_254_740_993n],
    [string(" -12.00 "), "int32", -12],
    [string("+7"), "decimal", 7n],
    [boolean("true"), "int32", 1],
    [float64("0.1"), "float32", Math.fround(0.1)],
    [none("string"), "timestamp", null],
  ])("of %j to %s gives %s", async (from, kind, expected) => {
    expect(await onlyValue(engine, value({ expr: "cast", value: from, to: { kind } }))).toStrictEqual(expected);
  });

  it.each<[Expression, ScalarKind]>([
    [string("x"), "int32"],
    [string("1.5"), "int32"],
    [string("1_000"), "int64"],
    [string(""), "int64"],
    [string("0.5"), "decimal"],
    [string("1.5x"), "float64"],
    [string("2020-01-01x"), "date"],
    [string("yesterday"), "timestamp"],
    [bytes("/w=="), "string"],
    [string("maybe"), "boolean"],
  ])("of %j to %s is an error", async (from, kind) => {
    await expect(onlyValue(engine, value({ expr: "cast", value: from, to: { kind } }))).rejects.toMatchObject({ code: "TRANSFORM_FAILED" });
  });

  it("of a decimal keeps the digits that it declares", async () => {
    const cast: Expression = { expr: "cast", value: string("1.005"), to: { kind: "decimal", precision: 10, scale: 3 } };
    expect(await onlyValue(engine, value(cast))).toBe(1005n);
    const rounded: Expression = { ...cast, value: string("1.0051") };
    await expect(onlyValue(engine, value(rounded))).rejects.toMatchObject({ code: "TRANSFORM_FAILED" });
  });
});

describe("a conditional", () => {
  it("takes the first branch that is true, in the kind that holds all of them", async () => {
    const rows = table([nullable("n", "int32")], [["1"], ["2"], ["3"], [null]]);
    const branches = [
      [call("less", column("n"), int32("2")), int32("10")] as const,
      [call("less", column("n"), int32("3")), int64("9007199254740993")] as const,
    ].map(([when, then]) => ({ when, then }));
    const size: Expression = { expr: "case", branches, otherwise: none("int32") };
    const plan = { op: "project", input: rows, columns: [{ name: "size", value: size }] } as const;
    expect(await rowsOf(engine, plan)).toEqual([[10n], [9_007_199_254_740_993n], [null], [null]]);
  });
});
