import {
  type AggregateCall,
  aggregateFunctions,
  type Conditional,
  type Expression,
  type Literal,
  type ScalarKind,
  scalarFunctions,
} from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { count } from "../../src/define/count.js";
import { greatest, least } from "../../src/define/least-greatest.js";
import { literal } from "../../src/define/literal.js";
import { relationOf } from "../../src/define/relation-builder.js";
import { type Aggregated, aggregateSymbol, type Typed, valueSymbol } from "../../src/define/typed.js";
import { when } from "../../src/define/when.js";
import { everyKind } from "./every-kind.js";

type RowOfEveryKind = Parameters<Parameters<ReturnType<typeof everyRow>["filter"]>[0]>[0];

const everyRow = () => relationOf(everyKind, () => []);
const column = (name: string): Expression => ({ expr: "column", name });
const constant = (kind: Literal["kind"], value: string | null): Expression => ({ expr: "literal", kind, value });
const call = (name: (typeof scalarFunctions)[number], ...args: Expression[]): Expression => ({
  expr: "call",
  function: name,
  arguments: args,
});
const branch = (when: Expression, then: Expression): Conditional["branches"][number] => ({ when, then });
const day = constant("int64", "86400000000");

const scalars: readonly (readonly [string, (row: RowOfEveryKind) => Typed, Expression])[] = [
  ["eq", (row) => row.s.eq("SEA"), call("equal", column("s"), constant("string", "SEA"))],
  ["ne", (row) => row.s.ne(row.s0), call("notEqual", column("s"), column("s0"))],
  ["lt", (row) => row.l.lt(1), call("less", column("l"), constant("int64", "1"))],
  ["lte", (row) => row.l.lte(row.d), call("lessOrEqual", column("l"), column("d"))],
  ["gt", (row) => row.d.gt(0.5), call("greater", column("d"), constant("float64", "0.5"))],
  ["gte", (row) => row.m.gte("1.50"), call("greaterOrEqual", column("m"), constant("decimal", "1.50"))],
  [
    "between",
    (row) => row.i.between(1, 9),
    call("and", call("greaterOrEqual", column("i"), constant("int32", "1")), call("lessOrEqual", column("i"), constant("int32", "9"))),
  ],
  ["in", (row) => row.s.in(["a", row.s0]), call("in", column("s"), constant("string", "a"), column("s0"))],
  ["isNull", (row) => row.x.isNull(), call("isNull", column("x"))],
  ["isNotNull", (row) => row.x.isNotNull(), call("isNotNull", column("x"))],
  ["coalesce", (row) => row.i.coalesce(0), call("coalesce", column("i"), constant("int32", "0"))],
  ["nullIf", (row) => row.l.nullIf(-1), call("nullIf", column("l"), constant("int64", "-1"))],
  ["cast", (row) => row.s.cast("date"), { expr: "cast", value: column("s"), to: { kind: "date" } }],
  [
    "cast to decimal",
    (row) => row.d.cast("decimal", 18, 4),
    { expr: "cast", value: column("d"), to: { kind: "decimal", precision: 18, scale: 4 } },
  ],
  ["plus", (row) => row.l.plus(row.i), call("add", column("l"), column("i"))],
  ["minus", (row) => row.l.minus(1n), call("subtract", column("l"), constant("int64", "1"))],
  ["times", (row) => row.d.times(-0), call("multiply", column("d"), constant("float64", "-0"))],
  ["dividedBy", (row) => row.l.dividedBy(60), call("divide", column("l"), constant("int64", "60"))],
  ["modulo", (row) => row.l.modulo(7), call("modulo", column("l"), constant("int64", "7"))],
  ["negate", (row) => row.l.negate(), call("negate", column("l"))],
  ["abs", (row) => row.l.abs(), call("absolute", column("l"))],
  ["floor", (row) => row.d.floor(), call("floor", column("d"))],
  ["ceil", (row) => row.d.ceil(), call("ceiling", column("d"))],
  ["round", (row) => row.d.round(), call("round", column("d"), constant("int64", "0"))],
  ["round to digits", (row) => row.d.round(2), call("round", column("d"), constant("int64", "2"))],
  ["sqrt", (row) => row.d.sqrt(), call("squareRoot", column("d"))],
  ["log", (row) => row.d.log(), call("naturalLogarithm", column("d"))],
  ["exp", (row) => row.d.exp(), call("exponential", column("d"))],
  ["power", (row) => row.d.power(2), call("power", column("d"), constant("float64", "2"))],
  ["isNaN", (row) => row.d.isNaN(), call("isNaN", column("d"))],
  ["and", (row) => row.b.and(row.b0, true), call("and", column("b"), column("b0"), constant("boolean", "true"))],
  ["and of nothing", (row) => row.b.and(), column("b")],
  ["or", (row) => row.b.or(false), call("or", column("b"), constant("boolean", "false"))],
  ["not", (row) => row.b.not(), call("not", column("b"))],
  ["lower", (row) => row.s.lower(), call("lower", column("s"))],
  ["upper", (row) => row.s.upper(), call("upper", column("s"))],
  ["trim", (row) => row.s.trim(), call("trim", column("s"))],
  ["length", (row) => row.s.length(), call("length", column("s"))],
  ["concat", (row) => row.s.concat("-", row.s0), call("concat", column("s"), constant("string", "-"), column("s0"))],
  ["contains", (row) => row.s.contains("%"), call("contains", column("s"), constant("string", "%"))],
  ["startsWith", (row) => row.s.startsWith("a"), call("startsWith", column("s"), constant("string", "a"))],
  ["endsWith", (row) => row.s.endsWith("a"), call("endsWith", column("s"), constant("string", "a"))],
  ["matches", (row) => row.s.matches(/^a.b\d$/), call("matches", column("s"), constant("string", "^a.b\\d$"))],
  ["matches a text", (row) => row.s.matches("(?i)a"), call("matches", column("s"), constant("string", "(?i)a"))],
  ["replace", (row) => row.s.replace("a", ""), call("replace", column("s"), constant("string", "a"), constant("string", ""))],
  ["substring", (row) => row.s.substring(2, 3), call("substring", column("s"), constant("int64", "2"), constant("int64", "3"))],
  ["substring to the end", (row) => row.s.substring(row.l), call("substring", column("s"), column("l"), constant("int64", "2147483647"))],
  ["before", (row) => row.dt.before(new Date(0)), call("less", column("dt"), constant("date", "1970-01-01"))],
  ["after", (row) => row.ts.after(new Date(1)), call("greater", column("ts"), constant("timestamp", "1970-01-01T00:00:00.001000Z"))],
  ["year", (row) => row.dt.year(), call("year", column("dt"))],
  ["month", (row) => row.ts.month(), call("month", column("ts"))],
  ["day", (row) => row.ts.day(), call("day", column("ts"))],
  ["hour", (row) => row.ts.hour(), call("hour", column("ts"))],
  ["minute", (row) => row.ts.minute(), call("minute", column("ts"))],
  ["second", (row) => row.ts.second(), call("second", column("ts"))],
  ["dayOfWeek", (row) => row.ts.dayOfWeek(), call("dayOfWeek", column("ts"))],
  ["dayOfYear", (row) => row.ts.dayOfYear(), call("dayOfYear", column("ts"))],
  ["truncate", (row) => row.ts.truncate("1d"), call("truncate", column("ts"), day)],
  ["plusDuration", (row) => row.ts.plusDuration("1d"), call("addMicroseconds", column("ts"), day)],
  ["minusDuration", (row) => row.ts.minusDuration("1d"), call("addMicroseconds", column("ts"), constant("int64", "-86400000000"))],
  ["microsecondsUntil", (row) => row.ts.microsecondsUntil(row.ts0), call("microsecondsBetween", column("ts"), column("ts0"))],
  ["least", (row) => least(5, row.l, null), call("least", constant("int64", "5"), column("l"), constant("int64", null))],
  ["greatest", (row) => greatest(row.i, row.d, 2.5), call("greatest", column("i"), column("d"), constant("float64", "2.5"))],
  [
    "when",
    (row) => when(row.b, 1).when(row.b0, row.l).otherwise(null),
    {
      expr: "case",
      branches: [branch(column("b"), constant("int64", "1")), branch(column("b0"), column("l"))],
      otherwise: constant("int64", null),
    },
  ],
  ["length of a list", (row) => row.ls.length(), call("listLength", column("ls"))],
  ["get", (row) => row.ls.get(0), call("listElement", column("ls"), constant("int64", "0"))],
  ["contains of a list", (row) => row.ls.contains(7), call("listContains", column("ls"), constant("int64", "7"))],
  ["dot", (row) => row.vc.dot(row.vc), call("dotProduct", column("vc"), column("vc"))],
  [
    "dot with numbers",
    (row) => row.vc.dot([1, -2]),
    call("dotProduct", column("vc"), call("vector", constant("float64", "1"), constant("float64", "-2"))),
  ],
  ["cosine", (row) => row.vc.cosine(row.vc), call("cosineSimilarity", column("vc"), column("vc"))],
  ["norm", (row) => row.vc.norm(), call("vectorNorm", column("vc"))],
  ["field", (row) => row.st.field("a"), call("structField", column("st"), constant("string", "a"))],
  [
    "path",
    (row) => row.js.path(["a/b", 0], "date"),
    call("jsonValue", column("js"), constant("string", "/a~1b/0"), { expr: "cast", value: constant("date", null), to: { kind: "date" } }),
  ],
  ["literal of a time", () => literal("08:30", "time"), constant("time", "08:30:00.000000")],
  ["literal", () => literal(new Uint8Array([1, 2])), constant("bytes", "AQI=")],
  ["literal null", () => literal(null, "date"), constant("date", null)],
];

const aggregates: readonly (readonly [string, (row: RowOfEveryKind) => Aggregated, AggregateCall])[] = [
  ["count of rows", () => count(), { function: "count" }],
  ["count", (row) => row.s.count(), { function: "count", input: column("s") }],
  ["countDistinct", (row) => row.s.countDistinct(), { function: "countDistinct", input: column("s") }],
  ["sum", (row) => row.l.plus(1).sum(), { function: "sum", input: call("add", column("l"), constant("int64", "1")) }],
  ["mean", (row) => row.l.mean(), { function: "mean", input: column("l") }],
  ["min", (row) => row.ts.min(), { function: "min", input: column("ts") }],
  ["max", (row) => row.ts.max(), { function: "max", input: column("ts") }],
  ["std", (row) => row.l.std(), { function: "std", input: column("l") }],
  ["var", (row) => row.l.var(), { function: "var", input: column("l") }],
  ["median", (row) => row.l.median(), { function: "median", input: column("l") }],
  ["quantile", (row) => row.l.quantile(0.9), { function: "quantile", input: column("l"), quantile: 0.9 }],
  ["firstBy", (row) => row.s.firstBy(row.ts), { function: "first", input: column("s"), by: column("ts") }],
  ["lastBy", (row) => literal("a").lastBy(row.ts), { function: "last", input: constant("string", "a"), by: column("ts") }],
  ["mean of vectors", (row) => row.vc.mean(), { function: "mean", input: column("vc") }],
  [
    "collect",
    (row) => row.s.collect({ by: row.ts, descending: true, limit: 3 }),
    { function: "collect", input: column("s"), by: column("ts"), limit: 3, descending: true },
  ],
  ["topK", (row) => row.s.topK(2), { function: "topK", input: column("s"), limit: 2 }],
  ["mode", (row) => row.s.mode(), { function: "mode", input: column("s") }],
  ["histogram", (row) => row.l.histogram([0, 10]), { function: "histogram", input: column("l"), edges: [0, 10] }],
  ["approxCountDistinct", (row) => row.s.approxCountDistinct(), { function: "approxCountDistinct", input: column("s") }],
  ["any", (row) => row.b.any(), { function: "any", input: column("b") }],
  ["a sum of some rows", (row) => row.l.sum({ where: row.b }), { function: "sum", input: only(column("b"), column("l"), "int64") }],
  [
    "a count of some rows",
    (row) => count({ where: row.b }),
    { function: "count", input: only(column("b"), constant("boolean", "true"), "boolean") },
  ],
  ["an option without a condition", (row) => row.l.sum({}), { function: "sum", input: column("l") }],
  [
    "the last of some rows",
    (row) => row.ls.lastBy(row.ts, { where: row.b }),
    { function: "last", input: column("ls"), by: only(column("b"), column("ts"), "timestamp") },
  ],
  [
    "a count of some lists",
    (row) => row.ls.count({ where: row.b }),
    { function: "count", input: only(call("and", column("b"), call("isNotNull", column("ls"))), constant("boolean", "true"), "boolean") },
  ],
  [
    "the least decimal of some rows, which keeps its digits",
    (row) => row.m.min({ where: row.b }),
    {
      function: "min",
      input: { expr: "cast", value: only(column("b"), column("m"), "decimal"), to: { kind: "decimal", precision: 10, scale: 2 } },
    },
  ],
  ["every", (row) => row.b.every(), { function: "every", input: column("b") }],
];

/** Returns the value where the condition is true, and null elsewhere. */
function only(condition: Expression, value: Expression, kind: ScalarKind): Expression {
  return { expr: "case", branches: [branch(condition, value)], otherwise: constant(kind, null) };
}

function withRow<R>(use: (row: RowOfEveryKind) => R): R {
  const results: R[] = [];
  everyRow().filter((row) => {
    results.push(use(row));
    return row.b;
  });
  const [result] = results;
  if (result === undefined) throw new TypeError("the condition was not asked for");
  return result;
}

describe("expressions", () => {
  it.each(scalars)("%s", (_, build, expected) => {
    expect(withRow(build)[valueSymbol].expression).toEqual(expected);
  });

  it("reach every function of a plan", () => {
    const text = JSON.stringify(scalars.map(([, , expression]) => expression));
    const ofEntities = "surrogateKey";
    expect(scalarFunctions.filter((name) => name !== ofEntities && !text.includes(`"function":"${name}"`))).toEqual([]);
  });
});

describe("aggregates", () => {
  it.each(aggregates)("%s", (_, build, expected) => {
    const { expression, calls } = withRow(build)[aggregateSymbol];
    expect(calls.map(({ name, aggregate }) => [column(name), aggregate])).toEqual([[expression, expected]]);
  });

  it("reach every function of a plan", () => {
    const reached = aggregates.map(([, , aggregate]) => aggregate.function);
    expect(aggregateFunctions.filter((name) => !reached.includes(name))).toEqual([]);
  });
});

describe("expressions refuse", () => {
  /** What JavaScript, or TypeScript that nobody checked, may pass. */
  // biome-ignore lint/suspicious/noExplicitAny: these calls do not compile with their types.
  const refused: readonly (readonly [string, (row: any) => unknown, RegExp])[] = [
    ["null beside a column", (row) => row.l.plus(null), /isNull\(\)/],
    ["undefined beside a column", (row) => row.l.eq(undefined), /isNull\(\)/],
    ["an aggregate beside a column", (row) => row.l.gt(row.l.mean()), /aggregate cannot be used inside an expression/],
    ["a fraction beside an integer", (row) => row.l.gt(0.5), /0\.5 is not an integer.*cast the column to float64 first/],
    ["no values to be in", (row) => row.s.in([]), /at least one value/],
    ["a pattern with flags", (row) => row.s.matches(/a/i), /\/a\/i has flags.*\(\?i\)/],
    ["a month", (row) => row.ts.truncate("1mo"), /"1mo" uses a calendar unit, which has no fixed length.*30d/],
    ["a year", (row) => row.ts.plusDuration("1y"), /"1y" uses a calendar unit/],
    ["half a day", (row) => row.ts.plusDuration("0.5d"), /"0.5d" is not valid; use an integer followed by s, m, h, d, or w/],
    ["no time", (row) => row.ts.truncate("0d"), /"0d" is not valid; use an integer/],
    ["a number as duration", (row) => row.ts.truncate(5), /duration 5 is not/],
    ["an age", (row) => row.ts.plusDuration("1000000w"), /longer than a thousand years/],
    ["the zeroth character", (row) => row.s.substring(0), /start of substring must be at least 1, got 0/],
    ["fewer than no characters", (row) => row.s.substring(1, -1), /must not be negative, got -1/],
    ["half a digit", (row) => row.d.round(1.5), /got 1\.5/],
    ["a kind that is not", (row) => row.d.cast("int8"), /"int8".*int64/],
    ["a decimal without digits", (row) => row.d.cast("decimal"), /precision of a decimal must be 1 to 38, got undefined/],
    ["a decimal of 39 digits", (row) => row.d.cast("decimal", 39, 0), /must be 1 to 38, got 39/],
    ["more digits after the point than in all", (row) => row.d.cast("decimal", 3, 4), /must be 0 to its precision \(3\), got 4/],
    ["a share above one", (row) => row.d.quantile(1.5), /from 0 to 1/],
    ["a condition in place of options", (row) => row.l.sum(row.b), /sum\(\{ where: amount.gt\(0\) \}\)/],
    ["a condition that is no expression", (row) => row.l.sum({ where: true }), /where of sum needs an expression/],
    ["a condition that is a number", (row) => count({ where: row.l }), /where of count needs a boolean condition, got int64/],
    ["a list to leave out", (row) => row.ls.countDistinct({ where: row.b }), /cannot leave out values of kind list; use filter/],
    ["an aggregate beside a value of single rows", (row) => row.l.sum().dividedBy(row.l), /value of single rows: aggregate it/],
    ["null beside an aggregate", (row) => row.l.sum().plus(null), /null is not allowed here/],
    ["arithmetic on a text that was aggregated", (row) => row.s.max().plus("a"), /add does not take a string/],
    ["days until a timestamp", (row) => row.dt.daysUntil(row.ts), /daysUntil needs dates, got a timestamp; cast it to date/],
    ["days from a number", (row) => row.l.daysUntil(row.dt), /daysUntil needs dates, got a int64/],
    ["an order by name", (row) => row.s.lastBy("ts"), /lastBy needs the column/],
    ["a condition that is no expression", () => when(JSON.parse("true"), 1), /when needs an expression as its condition/],
    ["only nulls to choose from", (row) => when(row.b, null).otherwise(null), /must not be null/],
    [
      "text beside a number to choose from",
      (row) => when(row.b, row.l).otherwise(JSON.parse('"late"')),
      /"late" is not a value of kind int64/,
    ],
    ["a function as constant", () => literal(JSON.parse("[1]")), /is not a constant/],
    ["the null of an unknown kind", () => literal(null, JSON.parse('"int8"')), /"int8"/],
  ];

  it.each(refused)("%s", (_, build, message) => {
    const finish = (built: unknown): unknown =>
      typeof built === "object" && built !== null && "otherwise" in built && typeof built.otherwise === "function"
        ? built.otherwise(0)
        : built;
    const error = errorOf(() => withRow((row) => finish(build(row))));
    expect(error).toMatchObject({ code: "DEFINITION_INVALID", message: expect.stringMatching(message) });
  });

  it("a column that is not there, and name the nearest", () => {
    const error = errorOf(() => withRow((row) => Reflect.get(row, "tss")));
    expect(error).toMatchObject({ code: "COLUMN_UNKNOWN", details: { column: "tss", nearest: "ts" } });
  });
});

function errorOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}
