import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { typesByCompiler, typesByPlan } from "../define/checked-types.js";

/** A column of each kind with what may stand beside it, and calls of every method with arguments of that kind. */
const columns = [
  { name: "s", other: "row.s0" },
  { name: "b0", other: "row.b" },
  { name: "i", other: "row.i0" },
  { name: "l0", other: "row.l0" },
  { name: "f0", other: "row.f" },
  { name: "d", other: "row.d" },
  { name: "m0", other: "row.m0" },
  { name: "ts", other: "row.ts" },
  { name: "dt0", other: "row.dt" },
  { name: "x0", other: "row.x0" },
];
const methods = [
  ..."eq ne lt lte gt gte coalesce nullIf plus minus times dividedBy modulo power and or concat contains startsWith endsWith before after microsecondsUntil firstBy lastBy"
    .split(" ")
    .map((name) => (other: string) => `${name}(${other})`),
  ..."isNull isNotNull negate abs round floor ceil sqrt log exp isNaN not lower upper trim length year month day hour minute second dayOfWeek dayOfYear count countDistinct sum mean min max std var median any every"
    .split(" ")
    .map((name) => () => `${name}()`),
  (other: string) => `between(${other}, ${other})`,
  (other: string) => `in([${other}])`,
  (other: string) => `replace(${other}, ${other})`,
  () => "matches('^a')",
  () => "substring(1, 2)",
  () => "truncate('1d')",
  () => "plusDuration('1d')",
  () => "minusDuration('1d')",
  () => "quantile(0.5)",
  () => "eq('1')",
  () => "eq(1)",
  () => "eq(1n)",
  () => "eq(true)",
  () => "eq(new Date(0))",
  () => "eq(new Uint8Array())",
  () => "eq(null)",
  () => "coalesce(row.l)",
  () => "coalesce(row.m0)",
  () => "coalesce(row.ts)",
  () => "eq(row.f)",
  () => "eq(row.s)",
  () => "eq(row.l.sum())",
];

const { text, boolean, integer, number, decimal, timestamp, date, bytes } = fc.letrec<
  Record<"text" | "boolean" | "integer" | "number" | "decimal" | "timestamp" | "date" | "bytes", string>
>((tie) => {
  const at = (template: TemplateStringsArray, ...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((values) => template.reduce((left, right, index) => left + values[index - 1] + right));
  const numeric = fc.oneof(tie("integer"), tie("number"), tie("decimal"));
  const anything = fc.oneof(numeric, tie("text"), tie("boolean"), tie("timestamp"), tie("date"), tie("bytes"));
  const compare = fc.constantFrom("eq", "ne", "lt", "lte", "gt", "gte");
  const arithmetic = fc.constantFrom("plus", "minus", "times", "modulo");
  const choose = (kind: fc.Arbitrary<string>, constant: string): fc.Arbitrary<string>[] => [
    at`${kind}.coalesce(${fc.oneof(kind, fc.constant(constant))})`,
    at`${kind}.nullIf(${fc.oneof(kind, fc.constant(constant))})`,
    at`when(${tie("boolean")}, ${kind}).otherwise(${fc.oneof(kind, fc.constant(constant), fc.constant("null"))})`,
    at`when(${tie("boolean")}, ${kind}).when(${tie("boolean")}, null).otherwise(${kind})`,
    at`${fc.constantFrom("least", "greatest")}(${kind}, ${fc.oneof(kind, fc.constant(constant), fc.constant("null"))}, ${kind})`,
  ];
  const grow = (leaves: readonly string[], ...branches: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.oneof({ maxDepth: 3, depthSize: "small" }, fc.constantFrom(...leaves), ...branches);
  return {
    text: grow(
      ["row.s", "row.s0", 'literal("a")', 'literal(null, "string")'],
      ...choose(tie("text"), '"b"'),
      at`${tie("text")}.${fc.constantFrom("lower", "upper", "trim")}()`,
      at`${tie("text")}.concat(${tie("text")}, "c")`,
      at`${tie("text")}.replace(${tie("text")}, "c")`,
      at`${tie("text")}.substring(${tie("integer")})`,
      at`${anything}.cast("string")`,
    ),
    boolean: grow(
      ["row.b", "row.b0", "literal(true)"],
      ...choose(tie("boolean"), "true"),
      at`${tie("boolean")}.${fc.constantFrom("and", "or")}(${tie("boolean")})`,
      at`${tie("boolean")}.not()`,
      at`${numeric}.${compare}(${fc.oneof(numeric, fc.constant("1"))})`,
      at`${tie("text")}.${fc.oneof(compare, fc.constantFrom("contains", "startsWith", "endsWith"))}(${tie("text")})`,
      at`${tie("timestamp")}.${fc.oneof(compare, fc.constantFrom("before", "after"))}(${tie("timestamp")})`,
      at`${tie("date")}.between(${tie("date")}, ${tie("date")})`,
      at`${numeric}.in([${numeric}, 2, ${numeric}])`,
      at`${anything}.${fc.constantFrom("isNull", "isNotNull")}()`,
      at`${numeric}.isNaN()`,
    ),
    integer: grow(
      ["row.i", "row.i0", "row.l", "row.l0", "literal(1n)", 'literal(1, "int32")'],
      ...choose(tie("integer"), "1"),
      at`when(${tie("boolean")}, 1).otherwise(0)`,
      at`${tie("integer")}.${arithmetic}(${fc.oneof(tie("integer"), fc.constant("2"))})`,
      at`${tie("integer")}.${fc.constantFrom("negate", "abs", "floor", "ceil")}()`,
      at`${tie("text")}.length()`,
      at`${fc.oneof(tie("timestamp"), tie("date"))}.${fc.constantFrom("year", "month", "day", "dayOfWeek", "dayOfYear")}()`,
      at`${tie("timestamp")}.${fc.constantFrom("hour", "minute", "second")}()`,
      at`${tie("timestamp")}.microsecondsUntil(${tie("timestamp")})`,
      at`${numeric}.cast(${fc.constantFrom('"int32"', '"int64"')})`,
    ),
    number: grow(
      ["row.f", "row.f0", "row.d", "row.d0", "literal(1.5)"],
      ...choose(tie("number"), "1.5"),
      at`when(${tie("boolean")}, 1).otherwise(0.5)`,
      at`${tie("number")}.${arithmetic}(${fc.oneof(numeric, fc.constant("0.5"))})`,
      at`${numeric}.dividedBy(${fc.oneof(numeric, fc.constant("2"))})`,
      at`${numeric}.${fc.constantFrom("sqrt", "log", "exp", "round")}()`,
      at`${numeric}.power(${numeric})`,
      at`${tie("number")}.${fc.constantFrom("negate", "abs", "floor", "ceil")}()`,
    ),
    decimal: grow(
      ["row.m", "row.m0", 'literal("1.50", "decimal")'],
      ...choose(tie("decimal"), '"2.5"'),
      at`${tie("decimal")}.${fc.constantFrom("plus", "minus", "modulo")}(${fc.oneof(tie("decimal"), tie("integer"), fc.constant('"0.5"'))})`,
      at`${numeric}.cast("decimal", 18, 4)`,
    ),
    timestamp: grow(
      ["row.ts", "row.ts0", "literal(new Date(0))"],
      ...choose(tie("timestamp"), "new Date(0)"),
      at`${tie("timestamp")}.${fc.constantFrom("truncate", "plusDuration", "minusDuration")}("7d")`,
      at`${fc.oneof(tie("text"), tie("date"))}.cast("timestamp")`,
    ),
    date: grow(["row.dt", "row.dt0"], ...choose(tie("date"), "new Date(0)"), at`${tie("timestamp")}.cast("date")`),
    bytes: grow(["row.x", "row.x0"], ...choose(tie("bytes"), "new Uint8Array()")),
  };
});

const numeric = fc.oneof(integer, number, decimal);
const anything = fc.oneof(numeric, text, boolean, timestamp, date, bytes);
const aggregate = fc.oneof(
  fc.tuple(anything, fc.constantFrom("count()", "countDistinct()", "min()", "max()", "firstBy(row.ts)", "lastBy(row.l0)")),
  fc.tuple(numeric, fc.constantFrom("sum()", "mean()", "std()", "var()", "median()", "quantile(0.9)")),
  fc.tuple(boolean, fc.constantFrom("any()", "every()")),
);
const expression = fc.oneof(
  { weight: 5, arbitrary: anything },
  aggregate.map(([value, method]) => `${value}.${method}`),
);

describe("the compiler and the plan agree", () => {
  it("on which method fits which kind", () => {
    const calls = columns.flatMap(({ name, other }) => methods.map((method) => `row.${name}.${method(other)}`));
    const verdict = (type: string): string => type.replace(/^refused.*/s, "refused");
    const compiled = typesByCompiler(calls).map(verdict);
    const planned = typesByPlan(calls).map(verdict);
    const pairs = (types: readonly string[]): readonly string[] => calls.map((call, index) => `${call}: ${types[index]}`);
    expect(pairs(compiled)).toEqual(pairs(planned));
    expect(compiled.filter((type) => type === "refused").length).toBeGreaterThan(300);
    expect(compiled.filter((type) => type !== "refused").length).toBeGreaterThan(300);
  });

  it("on the kind of plain constants", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const largest = String(Number.MAX_SAFE_INTEGER);
    const digits = fc.stringMatching(/^[1-9]\d{0,17}$/).map((text) => String(Number(text)));
    const nearLargest = fc.tuple(fc.nat(15), fc.nat(9)).map(([at, digit]) => largest.slice(0, at) + digit + largest.slice(at + 1));
    const whole = fc.oneof(
      digits,
      nearLargest.map(Number).map(String),
      fc.constantFrom("0", "-0", largest, "1e15", "1e21", "9007199254740992"),
    );
    const number = fc.oneof(
      fc.tuple(fc.constantFrom("", "-"), whole).map((parts) => parts.join("").replace("--", "-")),
      fc.constant("0.5"),
    );
    const constant = fc.oneof(number, fc.constantFrom("2n", '"a"', "true", "new Date(0)", "new Uint8Array()", "null"));
    const pair = fc.oneof(fc.tuple(number, number), fc.tuple(constant, constant));
    const choices = fc.oneof(
      pair.map(([then, otherwise]) => `when(row.b, ${then}).otherwise(${otherwise})`),
      pair.map(([first, second]) => `least(${first}, ${second})`),
    );
    const expressions = fc.sample(choices, { numRuns: 100, seed });
    const compiled = typesByCompiler(expressions);
    const planned = typesByPlan(expressions);
    const differences = expressions
      .map((text, index) => ({ text, compiled: compiled[index] ?? "", planned: planned[index] ?? "" }))
      // A choice between nulls alone is of no type.
      .filter(({ compiled, planned }) => !compiled.startsWith("refused") && !(compiled === "never" && planned.startsWith("refused")))
      .filter(({ compiled, planned }) => compiled !== planned);
    expect({ seed, differences }).toEqual({ seed, differences: [] });
    expect(new Set(compiled)).toEqual(new Set([...compiled, "int64", "float64"]));
  });

  it("on the type of every expression that compiles", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const expressions = fc.sample(expression, { numRuns: 150, seed });
    const compiled = typesByCompiler(expressions);
    const planned = typesByPlan(expressions);
    const differences = expressions
      .map((text, index) => ({ text, compiled: compiled[index], planned: planned[index] }))
      .filter((each) => each.compiled !== each.planned);
    expect({ seed, differences }).toEqual({ seed, differences: [] });
    expect(compiled.filter((type) => type.startsWith("refused"))).toEqual([]);
  });
});
