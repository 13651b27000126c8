import { deepEqual } from "node:assert/strict";
import { type Expression, type ScalarFunction, type ScalarKind, scalarFunctions } from "@mlforge/spec";
import * as fc from "fast-check";
import { rejects } from "../../store/conformance/expect.js";
import type { Cell } from "../arrow-rows.js";
import type { Claims, ExpressionFunction } from "../claims.js";
import { call, choice, column, nullable, table, value } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { boolean, bytes, date, decimal, float32, float64, int32, int64, kindsIn, micros, none, string, timestamp } from "./constants.js";

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

/** Functions of nested kinds have laws of their own. */
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

/** Functions for which a null argument does not always give null. */
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

/** A call of each function, and a `case` and a `cast`. */
export const exampleCalls: ReadonlyMap<ExpressionFunction, Expression> = new Map<ExpressionFunction, Expression>([
  ...cases.map(([name, args]) => [name, call(name, ...args)] as const),
  ["case", choice(boolean("true"), int64("1"), int64("2"))],
  ["cast", { expr: "cast", value: int64("1"), to: { kind: "string" } }],
]);

export function functionLaws(law: EngineLaw, claims: Claims): void {
  for (const name of scalarFunctions.filter((each) => !nestedFunctions.includes(each))) {
    const examples = cases.filter(([each, args, kind]) => each === name && claims({ kinds: [kind, ...kindsIn(args)] }));
    if (cases.every(([each]) => each !== name)) throw new TypeError(`the suite has no example of ${name}`);
    if (examples.length === 0) continue;
    const needs = { operations: ["project"], functions: [name] } as const;
    law(`${name} gives the values and kinds of the contract`, needs, async ({ engine, only }) => {
      for (const [, args, kind, expected] of examples) {
        const plan = value(call(name, ...args));
        const { columns } = await engine.describe(plan);
        deepEqual({ args, kinds: columns.map((found) => found.kind), value: await only(plan) }, { args, kinds: [kind], value: expected });
      }
    });
    if (special.includes(name)) continue;
    law(`${name} of a null argument is null`, needs, async ({ only }) => {
      const [, args = []] = examples[0] ?? [];
      for (const position of args.keys()) {
        const nulled = args.map((argument, index) =>
          index === position && argument.expr === "literal" ? { ...argument, value: null } : argument,
        );
        deepEqual({ nulled, value: await only(value(call(name, ...nulled))) }, { nulled, value: null });
      }
    });
  }
  integerLaws(law);
  overflowLaws(law, claims);
  stringLaws(law);

  law("truncate gives the greatest multiple of the duration that is not later", truncating, async ({ only }) => {
    const instant = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
    const duration = fc.oneof(
      fc.bigInt({ min: 1n, max: 10n ** 7n }),
      fc.constantFrom(1_000_000n, 3_600_000_000n, 86_400_000_000n, 604_800_000_000n),
    );
    await fc.assert(
      fc.asyncProperty(instant, duration, async (at, length) => {
        const shifted = call("addMicroseconds", timestamp("1970-01-01T00:00:00.000000Z"), int64(String(at)));
        const multiple = (at / length - (at % length < 0n ? 1n : 0n)) * length;
        deepEqual(await only(value(call("truncate", shifted, int64(String(length))))), multiple);
      }),
      { numRuns: 60 },
    );
  });

  law("comparisons order floats with NaN equal to itself and above all others", comparing, async ({ rows }) => {
    const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, -0, 1));
    await fc.assert(
      fc.asyncProperty(number, number, async (a, b) => {
        const order = orderOf(a, b);
        const columns = comparisons.map((name) => ({ name, value: call(name, float64(String(a)), float64(String(b))) }));
        const found = await rows({ op: "project", input: table([nullable("x", "string")], [["1"]]), columns });
        deepEqual(found, [[order < 0, order <= 0, order === 0, order !== 0, order >= 0, order > 0]]);
      }),
      { numRuns: 60 },
    );
  });

  law("case takes the first branch that is true, in the kind that holds all of them", conditional, async ({ rows }) => {
    const numbers = table(
      [nullable("row", "int64"), nullable("n", "int32")],
      [
        ["0", "1"],
        ["1", "2"],
        ["2", "3"],
        ["3", null],
      ],
    );
    const branches = [
      [call("less", column("n"), int32("2")), int32("10")] as const,
      [call("less", column("n"), int32("3")), int64("9007199254740993")] as const,
    ].map(([when, then]) => ({ when, then }));
    const size: Expression = { expr: "case", branches, otherwise: none("int32") };
    const columns = [
      { name: "row", value: column("row") },
      { name: "size", value: size },
    ];
    const found = (await rows({ op: "project", input: numbers, columns })).sort(([a], [b]) => Number(a) - Number(b));
    deepEqual(
      found.map(([, size]) => size),
      [10n, 9_007_199_254_740_993n, null, null],
    );
  });
}

const truncating = { operations: ["project"], functions: ["truncate", "addMicroseconds"], kinds: ["timestamp"] } as const;
const comparisons = ["less", "lessOrEqual", "equal", "notEqual", "greaterOrEqual", "greater"] as const;
const comparing = { operations: ["project"], functions: comparisons, kinds: ["float64", "boolean"] } as const;
const conditional = { operations: ["project"], functions: ["case", "less"], kinds: ["int32"] } as const;

/** Below zero if `a` comes first. NaN comes last. */
function orderOf(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function integerLaws(law: EngineLaw): void {
  const bounds = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
  const integer = fc.oneof(fc.bigInt(bounds), fc.bigInt({ min: -100n, max: 100n }), fc.constantFrom(bounds.min, bounds.max));
  const exact = {
    add: (a: bigint, b: bigint) => a + b,
    subtract: (a: bigint, b: bigint) => a - b,
    multiply: (a: bigint, b: bigint) => a * b,
  };
  for (const name of ["add", "subtract", "multiply"] as const) {
    law(`${name} of integers is exact or an overflow`, { operations: ["project"], functions: [name] }, async ({ only }) => {
      await fc.assert(
        fc.asyncProperty(integer, integer, async (a, b) => {
          const expected = exact[name](a, b);
          const found = only(value(call(name, int64(String(a)), int64(String(b)))));
          if (expected >= bounds.min && expected <= bounds.max) deepEqual(await found, expected);
          else await rejects(found, "ARITHMETIC_OVERFLOW", `${name} of ${a} and ${b}`);
        }),
        { numRuns: 60 },
      );
    });
  }
}

const overflows: readonly (readonly [what: string, name: ExpressionFunction, kinds: readonly ScalarKind[], expression: Expression])[] = [
  ["the negative of the least int32", "negate", ["int32"], call("negate", int32("-2147483648"))],
  ["the absolute value of the least int64", "absolute", [], call("absolute", int64("-9223372036854775808"))],
  ["a decimal beyond 38 digits", "multiply", ["decimal"], call("multiply", decimal("9".repeat(38)), decimal("10"))],
  ["a cast to a smaller integer", "cast", ["int32"], { expr: "cast", value: int64("2147483648"), to: { kind: "int32" } }],
  ["a cast of an infinite number", "cast", ["float64"], { expr: "cast", value: float64("Infinity"), to: { kind: "int64" } }],
];

function overflowLaws(law: EngineLaw, claims: Claims): void {
  for (const [what, name, kinds, expression] of overflows) {
    if (!claims({ kinds })) continue;
    law(`${what} is an overflow`, { operations: ["project"], functions: [name], kinds }, async ({ only }) => {
      await rejects(only(value(expression)), "ARITHMETIC_OVERFLOW", what);
    });
  }
}

function stringLaws(law: EngineLaw): void {
  const text = fc.string({ unit: "binary", maxLength: 12 });
  law("length counts code points", { operations: ["project"], functions: ["length"] }, async ({ only }) => {
    await fc.assert(
      fc.asyncProperty(text, async (whole) => deepEqual(await only(value(call("length", string(whole)))), BigInt([...whole].length))),
      { numRuns: 60 },
    );
  });

  law("substring cuts between code points", { operations: ["project"], functions: ["substring"] }, async ({ only }) => {
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 14 }), fc.integer({ min: 0, max: 14 }), async (whole, start, length) => {
        const cut = call("substring", string(whole), int64(String(start)), int64(String(length)));
        const points = [...whole].slice(start - 1, start - 1 + length);
        deepEqual(await only(value(cut)), points.join(""));
      }),
      { numRuns: 60 },
    );
  });
}
