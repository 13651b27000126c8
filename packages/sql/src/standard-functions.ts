import type { ScalarFunction } from "@mlforge/spec";
import type { Dialect, Kind } from "./dialect.js";
import { unsupported } from "./unsupported.js";

/** Returns the SQL of a call from that of its arguments, the kind of its result, and the kinds of its arguments. */
export type ScalarSql = (values: readonly string[], result: Kind, types: readonly Kind[]) => string;

export type ScalarFunctions = Readonly<Partial<Record<ScalarFunction, ScalarSql>>>;

/** Puts an operator between the arguments. */
export const operator =
  (symbol: string): ScalarSql =>
  (values) =>
    `(${values.join(` ${symbol} `)})`;

/** Calls a function by name. */
export const named =
  (name: string): ScalarSql =>
  (values) =>
    `${name}(${values.join(", ")})`;

/** Makes a function from a template, with `$1` for the first argument. */
export const template =
  (text: string): ScalarSql =>
  (values) =>
    text.replace(/\$(\d)/g, (_, position) => values[Number(position) - 1] ?? "");

/** Leaves integers as they are, because engines convert them to floats, which would lose digits. */
const rounding =
  (name: string): ScalarSql =>
  ([value = ""], { kind }) =>
    kind === "int32" || kind === "int64" ? value : `${name}(${value})`;

/** The functions that engines write in their own way. */
type EngineFunction =
  | ("round" | "isNaN" | "contains" | "startsWith" | "endsWith" | "matches" | "surrogateKey" | "structField" | "jsonValue")
  | ("truncate" | "second" | "dayOfWeek" | "dayOfYear" | "addMicroseconds" | "microsecondsBetween")
  | ("listLength" | "listElement" | "listContains" | "vector" | "dotProduct" | "cosineSimilarity" | "vectorNorm");

/** The functions that the SQL standard defines, or that follow from it. A dialect can override each. */
export const standardFunctions: Readonly<Record<Exclude<ScalarFunction, EngineFunction>, ScalarSql>> = {
  add: operator("+"),
  subtract: operator("-"),
  multiply: operator("*"),
  divide: template("($1 / nullif($2, 0))"),
  modulo: template("($1 % nullif($2, 0))"),
  negate: template("(-($1))"),
  absolute: named("abs"),
  floor: rounding("floor"),
  ceiling: rounding("ceil"),
  // Engines fail outside their domain, and CASE alone does not guarantee that a branch is not computed.
  squareRoot: template("sqrt(CASE WHEN $1 >= 0 THEN $1 END)"),
  naturalLogarithm: template("ln(CASE WHEN $1 > 0 THEN $1 END)"),
  exponential: named("exp"),
  power: named("power"),
  equal: operator("="),
  notEqual: operator("<>"),
  less: operator("<"),
  lessOrEqual: operator("<="),
  greater: operator(">"),
  greaterOrEqual: operator(">="),
  in: ([value = "", ...others]) => `(${value} IN (${others.join(", ")}))`,
  isNull: template("($1 IS NULL)"),
  isNotNull: template("($1 IS NOT NULL)"),
  and: operator("AND"),
  or: operator("OR"),
  not: template("(NOT $1)"),
  coalesce: named("coalesce"),
  nullIf: named("nullif"),
  least: named("least"),
  greatest: named("greatest"),
  lower: named("lower"),
  upper: named("upper"),
  trim: named("trim"),
  length: named("char_length"),
  concat: operator("||"),
  replace: named("replace"),
  substring: template("substring($1 FROM $2 FOR $3)"),
  year: template("extract(YEAR FROM $1)"),
  month: template("extract(MONTH FROM $1)"),
  day: template("extract(DAY FROM $1)"),
  hour: template("extract(HOUR FROM $1)"),
  minute: template("extract(MINUTE FROM $1)"),
};

/** Returns `call` of a dialect from its functions. @throws CAPABILITY_MISSING for a function that it does not have */
export function callOf(dialect: string, functions: ScalarFunctions): Dialect["call"] {
  return (name, values, result) => {
    const print = functions[name];
    if (print === undefined) throw unsupported(dialect, `the function ${name}`);
    return print(
      values.map(({ sql }) => sql),
      result,
      values.map(({ type }) => type),
    );
  };
}
