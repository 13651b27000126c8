import {
  type AggregateCall,
  type AggregateFunction,
  type Column,
  type ColumnKind,
  columnKinds,
  type Expression,
  isNested,
  type ScalarFunction,
  type ScalarKind,
  type Schema,
  typeOf,
} from "@mlforge/spec";
import { aggregateOf } from "./aggregate-builder.js";
import { encodeConstant, kindOfConstant, nullOf } from "./constant.js";
import { checkDigits } from "./decimal-digits.js";
import { definitionInvalid } from "./definition-issues.js";
import { parseDuration } from "./duration.js";
import { type Aggregated, isAggregated, isTyped, type Typed, valueSymbol } from "./typed.js";
import { aggregateWhere, conditionIn, type WhereOptions } from "./where.js";

/** Implements the expressions of every kind. Checks at run time, with the types of the plan, that a method fits the kind. */
export class ExpressionBuilder implements Typed {
  readonly [valueSymbol]: Typed[typeof valueSymbol];

  /** Wraps an expression over rows. @throws COLUMN_UNKNOWN, DEFINITION_INVALID if the expression does not fit the rows */
  constructor(expression: Expression, rows: Schema | undefined) {
    this[valueSymbol] = { expression, rows, type: typeOf(expression, rows ?? []) };
  }

  eq(other: unknown): ExpressionBuilder {
    return this.#beside("equal", other);
  }
  ne(other: unknown): ExpressionBuilder {
    return this.#beside("notEqual", other);
  }
  lt(other: unknown): ExpressionBuilder {
    return this.#beside("less", other);
  }
  lte(other: unknown): ExpressionBuilder {
    return this.#beside("lessOrEqual", other);
  }
  gt(other: unknown): ExpressionBuilder {
    return this.#beside("greater", other);
  }
  gte(other: unknown): ExpressionBuilder {
    return this.#beside("greaterOrEqual", other);
  }
  between(low: unknown, high: unknown): ExpressionBuilder {
    return this.gte(low).and(this.lte(high));
  }
  in(values: readonly unknown[]): ExpressionBuilder {
    if (!Array.isArray(values) || values.length === 0) throw definitionInvalid("in", "in needs an array of at least one value");
    return this.#beside("in", ...values);
  }
  isNull(): ExpressionBuilder {
    return call("isNull", this);
  }
  isNotNull(): ExpressionBuilder {
    return call("isNotNull", this);
  }
  coalesce(other: unknown): ExpressionBuilder {
    return this.#beside("coalesce", other);
  }
  nullIf(other: unknown): ExpressionBuilder {
    return this.#beside("nullIf", other);
  }
  cast(kind: ScalarKind, precision?: number, scale?: number): ExpressionBuilder {
    if (!columnKinds.includes(kind) || isNested({ kind })) {
      const known = columnKinds.filter((each) => !isNested({ kind: each }));
      throw definitionInvalid("cast", `cannot cast to unknown kind ${JSON.stringify(kind)}; use one of ${known.join(", ")}`);
    }
    const to = kind === "decimal" ? { kind, ...checkDigits(precision, scale) } : { kind };
    const { expression, rows } = this[valueSymbol];
    return new ExpressionBuilder({ expr: "cast", value: expression, to }, rows);
  }

  plus(other: unknown): ExpressionBuilder {
    return this.#beside("add", other);
  }
  minus(other: unknown): ExpressionBuilder {
    return this.#beside("subtract", other);
  }
  times(other: unknown): ExpressionBuilder {
    return this.#beside("multiply", other);
  }
  dividedBy(other: unknown): ExpressionBuilder {
    return this.#beside("divide", other);
  }
  modulo(other: unknown): ExpressionBuilder {
    return this.#beside("modulo", other);
  }
  negate(): ExpressionBuilder {
    return call("negate", this);
  }
  abs(): ExpressionBuilder {
    return call("absolute", this);
  }
  floor(): ExpressionBuilder {
    return call("floor", this);
  }
  ceil(): ExpressionBuilder {
    return call("ceiling", this);
  }
  round(digits = 0): ExpressionBuilder {
    if (!Number.isInteger(digits) || Math.abs(digits) > 38)
      throw definitionInvalid("round", `round needs an integer from -38 to 38, got ${digits}`);
    return call("round", this, constantOf(digits, "int64"));
  }
  sqrt(): ExpressionBuilder {
    return call("squareRoot", this);
  }
  log(): ExpressionBuilder {
    return call("naturalLogarithm", this);
  }
  exp(): ExpressionBuilder {
    return call("exponential", this);
  }
  power(exponent: unknown): ExpressionBuilder {
    return this.#beside("power", exponent);
  }
  isNaN(): ExpressionBuilder {
    return call("isNaN", this);
  }

  and(...others: readonly unknown[]): ExpressionBuilder {
    return others.length === 0 ? this : this.#beside("and", ...others);
  }
  or(...others: readonly unknown[]): ExpressionBuilder {
    return others.length === 0 ? this : this.#beside("or", ...others);
  }
  not(): ExpressionBuilder {
    return call("not", this);
  }

  lower(): ExpressionBuilder {
    return call("lower", this);
  }
  upper(): ExpressionBuilder {
    return call("upper", this);
  }
  trim(): ExpressionBuilder {
    return call("trim", this);
  }
  length(): ExpressionBuilder {
    return call(this.#isList() ? "listLength" : "length", this);
  }
  get(index: unknown): ExpressionBuilder {
    return call("listElement", this, operand(index, "int64"));
  }
  field(name: string): ExpressionBuilder {
    if (typeof name !== "string") throw definitionInvalid("field", "field needs the name of a field of the struct");
    return call("structField", this, constantOf(name, "string"));
  }
  path(keys: unknown, kind: ScalarKind, precision?: number, scale?: number): ExpressionBuilder {
    const nothing = constantNull(kind).cast(kind, precision, scale);
    return call("jsonValue", this, constantOf(jsonPointer(keys), "string"), nothing);
  }
  dot(other: unknown): ExpressionBuilder {
    return call("dotProduct", this, vectorOperand("dot", other));
  }
  cosine(other: unknown): ExpressionBuilder {
    return call("cosineSimilarity", this, vectorOperand("cosine", other));
  }
  norm(): ExpressionBuilder {
    return call("vectorNorm", this);
  }
  concat(...others: readonly unknown[]): ExpressionBuilder {
    return others.length === 0 ? this : this.#beside("concat", ...others);
  }
  contains(part: unknown): ExpressionBuilder {
    const { of } = this[valueSymbol].type;
    return of === undefined ? this.#beside("contains", part) : call("listContains", this, operand(part, of.kind));
  }
  startsWith(part: unknown): ExpressionBuilder {
    return this.#beside("startsWith", part);
  }
  endsWith(part: unknown): ExpressionBuilder {
    return this.#beside("endsWith", part);
  }
  matches(pattern: string | RegExp): ExpressionBuilder {
    return call("matches", this, constantOf(patternText(pattern), "string"));
  }
  replace(search: unknown, replacement: unknown): ExpressionBuilder {
    return this.#beside("replace", search, replacement);
  }
  substring(start: unknown, length: unknown = longestString): ExpressionBuilder {
    if (typeof start === "number" && start < 1)
      throw definitionInvalid("substring", `the start of substring must be at least 1, got ${start}`);
    if (typeof length === "number" && length < 0)
      throw definitionInvalid("substring", `the length of substring must not be negative, got ${length}`);
    return call("substring", this, operand(start, "int64"), operand(length, "int64"));
  }

  before(other: unknown): ExpressionBuilder {
    return this.#temporal("before").lt(other);
  }
  after(other: unknown): ExpressionBuilder {
    return this.#temporal("after").gt(other);
  }
  year(): ExpressionBuilder {
    return call("year", this);
  }
  month(): ExpressionBuilder {
    return call("month", this);
  }
  day(): ExpressionBuilder {
    return call("day", this);
  }
  hour(): ExpressionBuilder {
    return call("hour", this);
  }
  minute(): ExpressionBuilder {
    return call("minute", this);
  }
  second(): ExpressionBuilder {
    return call("second", this);
  }
  dayOfWeek(): ExpressionBuilder {
    return call("dayOfWeek", this);
  }
  dayOfYear(): ExpressionBuilder {
    return call("dayOfYear", this);
  }
  truncate(duration: string): ExpressionBuilder {
    return call("truncate", this, constantOf(parseDuration(duration), "int64"));
  }
  plusDuration(duration: string): ExpressionBuilder {
    return call("addMicroseconds", this, constantOf(parseDuration(duration), "int64"));
  }
  minusDuration(duration: string): ExpressionBuilder {
    return call("addMicroseconds", this, constantOf(-parseDuration(duration), "int64"));
  }
  daysUntil(other: unknown): ExpressionBuilder {
    const [from, to] = [this, operand(other, "date")].map((date) => midnight(date));
    if (from === undefined || to === undefined) throw new TypeError("two dates");
    // The quotient is a whole number of days, up to far less than half a day that float64 cannot hold.
    return from.microsecondsUntil(to).dividedBy(microsecondsOfDay).round().cast("int64");
  }
  microsecondsUntil(other: unknown): ExpressionBuilder {
    return this.#beside("microsecondsBetween", other);
  }

  count(options?: unknown): Aggregated {
    return this.#aggregate("count", options);
  }
  countDistinct(options?: unknown): Aggregated {
    return this.#aggregate("countDistinct", options);
  }
  sum(options?: unknown): Aggregated {
    return this.#aggregate("sum", options);
  }
  mean(options?: unknown): Aggregated {
    return this.#aggregate("mean", options);
  }
  min(options?: unknown): Aggregated {
    return this.#aggregate("min", options);
  }
  max(options?: unknown): Aggregated {
    return this.#aggregate("max", options);
  }
  std(options?: unknown): Aggregated {
    return this.#aggregate("std", options);
  }
  var(options?: unknown): Aggregated {
    return this.#aggregate("var", options);
  }
  median(options?: unknown): Aggregated {
    return this.#aggregate("median", options);
  }
  quantile(quantile: number, options?: unknown): Aggregated {
    return this.#aggregate("quantile", options, { quantile });
  }
  firstBy(order: unknown, options?: unknown): Aggregated {
    return this.#aggregateBy("first", order, options);
  }
  lastBy(order: unknown, options?: unknown): Aggregated {
    return this.#aggregateBy("last", order, options);
  }
  collect(options: CollectOptions): Aggregated {
    const { by, limit, descending } = { ...options };
    if (!isTyped(by)) throw definitionInvalid("collect", "collect needs { by }, an expression that orders the values");
    const details = { ...(limit === undefined ? {} : { limit }), ...(descending === undefined ? {} : { descending }) };
    return this.#aggregate("collect", options, { by: expressionOf(by), ...details }, by);
  }
  topK(limit: number, options?: unknown): Aggregated {
    return this.#aggregate("topK", options, { limit });
  }
  mode(options?: unknown): Aggregated {
    return this.#aggregate("mode", options);
  }
  histogram(edges: readonly number[], options?: unknown): Aggregated {
    if (!Array.isArray(edges)) throw definitionInvalid("histogram", "histogram needs the edges of its bins, such as [0, 10, 100]");
    return this.#aggregate("histogram", options, { edges: [...edges] });
  }
  approxCountDistinct(options?: unknown): Aggregated {
    return this.#aggregate("approxCountDistinct", options);
  }
  any(options?: unknown): Aggregated {
    return this.#aggregate("any", options);
  }
  every(options?: unknown): Aggregated {
    return this.#aggregate("every", options);
  }

  #beside(name: ScalarFunction, ...others: readonly unknown[]): ExpressionBuilder {
    return call(name, this, ...others.map((other) => operand(other, this[valueSymbol].type.kind)));
  }

  #isList(): boolean {
    return this[valueSymbol].type.kind === "list";
  }

  #temporal(method: string): this {
    const { kind } = this[valueSymbol].type;
    if (kind === "timestamp" || kind === "date") return this;
    throw definitionInvalid(method, `${method} needs a timestamp or a date, got a ${kind}`);
  }

  #aggregate(
    name: AggregateFunction,
    options: unknown,
    details: Omit<AggregateCall, "function" | "input"> = {},
    ...others: readonly Typed[]
  ): Aggregated {
    const where = conditionIn(options, name);
    const rows = sharedRows([this, ...others, ...(where === undefined ? [] : [where])]);
    const aggregate: AggregateCall = { function: name, input: expressionOf(this), ...details };
    return aggregateOf(where === undefined ? aggregate : aggregateWhere(aggregate, where, rows), rows);
  }

  #aggregateBy(name: "first" | "last", order: unknown, options: unknown): Aggregated {
    if (!isTyped(order)) throw definitionInvalid(`${name}By`, `${name}By needs the column that orders the rows`);
    return this.#aggregate(name, options, { by: expressionOf(order) }, order);
  }
}

/** Options of `collect`. */
export interface CollectOptions extends WhereOptions {
  /** Orders the values, smallest first. Nulls come last; ties are ordered by value. */
  readonly by: Typed;
  /** Puts the greatest `by` first. Defaults to false. */
  readonly descending?: boolean | undefined;
  /** How many values to keep. Defaults to all. */
  readonly limit?: number | undefined;
}

function constantNull(kind: ScalarKind): ExpressionBuilder {
  if (!columnKinds.includes(kind) || isNested({ kind })) {
    throw definitionInvalid(
      "path",
      `path cannot return the kind ${JSON.stringify(kind)}; use one of ${columnKinds.filter((each) => !isNested({ kind: each })).join(", ")}`,
    );
  }
  return nullConstant({ kind });
}

/** Returns the JSON Pointer for a path of member names and array positions. */
function jsonPointer(keys: unknown): string {
  const path: readonly unknown[] = Array.isArray(keys) ? keys : [keys];
  const parts = path.map((key) => {
    if (typeof key === "string") return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (typeof key === "number" && Number.isSafeInteger(key) && key >= 0) return `/${key}`;
    throw definitionInvalid("path", `${JSON.stringify(key)} is not a key; use member names and array positions from 0`);
  });
  if (parts.length === 0) throw definitionInvalid("path", "path needs at least one key");
  return parts.join("");
}

/** Converts an array of numbers to a vector. Keeps expressions. */
function vectorOperand(method: string, other: unknown): Typed {
  if (isTyped(other)) return other;
  const numbers: readonly unknown[] =
    Array.isArray(other) || other instanceof Float32Array || other instanceof Float64Array ? [...other] : [];
  const areFinite = numbers.length > 0 && numbers.every((number) => typeof number === "number" && Number.isFinite(number));
  if (!areFinite) throw definitionInvalid(method, `${method} needs a vector expression or an array of finite numbers`);
  return call("vector", ...numbers.map((number) => constantOf(number, "float64")));
}

const longestString = 2 ** 31 - 1;
const microsecondsOfDay = 86_400_000_000;

/** Returns the first moment of a date. @throws DEFINITION_INVALID for another kind */
function midnight(date: Typed): ExpressionBuilder {
  const { type, expression, rows } = date[valueSymbol];
  if (type.kind !== "date") throw definitionInvalid("daysUntil", `daysUntil needs dates, got a ${type.kind}; cast it to date`);
  return new ExpressionBuilder({ expr: "cast", value: expression, to: { kind: "timestamp" } }, rows);
}

/** Calls a function. @throws DEFINITION_INVALID if it does not accept the arguments */
export function call(name: ScalarFunction, ...values: readonly Typed[]): ExpressionBuilder {
  return new ExpressionBuilder({ expr: "call", function: name, arguments: values.map(expressionOf) }, sharedRows(values));
}

export function expressionOf(typed: Typed): Expression {
  return typed[valueSymbol].expression;
}

/** Returns a constant of the given kind. */
export function constantOf(constant: unknown, kind: ColumnKind): ExpressionBuilder {
  return new ExpressionBuilder(encodeConstant(constant, kind), undefined);
}

/** Returns the null of a kind. */
export function nullConstant(type: Pick<Column, "kind">): ExpressionBuilder {
  return new ExpressionBuilder(nullOf(type), undefined);
}

/** Converts a constant to the given kind. Keeps expressions. */
function operand(candidate: unknown, kind: ColumnKind | undefined): Typed {
  if (isTyped(candidate)) return candidate;
  if (isAggregated(candidate)) {
    throw definitionInvalid("expression", "an aggregate cannot be used inside an expression; call aggregate() first, then derive()");
  }
  return constantOf(candidate, kind ?? kindOfConstant(candidate));
}

/** Returns the columns of the relation that all values belong to. @throws DEFINITION_INVALID if they belong to different relations */
export function sharedRows(values: readonly Typed[]): Schema | undefined {
  const [first, ...others] = new Set(values.map((typed) => typed[valueSymbol].rows).filter((rows) => rows !== undefined));
  if (others.length > 0) throw definitionInvalid("expression", "an expression uses columns of another relation; join that relation first");
  return first;
}

function patternText(pattern: string | RegExp): string {
  if (!(pattern instanceof RegExp)) return pattern;
  if (pattern.flags === "") return pattern.source;
  throw definitionInvalid(
    "matches",
    `the pattern ${pattern} has flags, which are not supported; put them inside the pattern, such as (?i) at the start`,
  );
}
