import { type Column, type Kind, type ScalarKind, type TimeEncoding, typeText } from "@mlforge/spec";
import type { PgType } from "./pg-type.js";

/** Returns the kind that holds every value of a type, or advice if there is none. */
export function kindOf(type: PgType): Kind | { readonly advice: string } {
  if (type.form === "e") return { kind: "string" };
  if (type.name === "citext") return { kind: "string" };
  if (type.element !== undefined) return listOf(type.element);
  if (!type.builtIn) return { advice: type.name === "vector" ? advices.vector : asText };
  if (type.name === "numeric") return decimalOf(type);
  const kind = kinds[type.name];
  return kind === undefined ? { advice: advices[type.name] ?? asText } : { kind };
}

const kinds: Readonly<Record<string, ScalarKind>> = {
  bool: "boolean",
  int2: "int32",
  int4: "int32",
  int8: "int64",
  oid: "int64",
  float4: "float32",
  float8: "float64",
  text: "string",
  varchar: "string",
  bpchar: "string",
  char: "string",
  name: "string",
  uuid: "string",
  date: "date",
  timestamp: "timestamp",
  timestamptz: "timestamp",
  time: "time",
  bytea: "bytes",
  json: "json",
  jsonb: "json",
};

const asText = "declare it as t.string() to read it as text, or convert it in the query";
const advices: Readonly<Record<string, string>> & { readonly vector: string } = {
  money: "its text depends on the server's language; convert it in the query: price::numeric(18, 2)",
  interval: "its length depends on the calendar; convert it in the query: extract(epoch from duration)",
  vector: 'convert it in the query and declare its length: embedding::real[] as t.vector(384, "float32")',
};

/** Elements that JSON, which arrays are written as, holds exactly. */
function isElement({ name, form }: PgType): boolean {
  return form === "e" || !["bpchar", "bytea", "json", "jsonb"].includes(name);
}

function listOf(element: PgType): Kind | { readonly advice: string } {
  if (!isElement(element)) return { advice: asText };
  const of = kindOf(element);
  return "advice" in of ? of : { kind: "list", of: { ...of, nullable: true } };
}

function decimalOf({ digits }: PgType): Kind | { readonly advice: string } {
  if (digits === undefined)
    return {
      advice:
        "it has as many digits as each value needs; declare how many with t.decimal(18, 4), which refuses longer values, or convert it in the query: amount::numeric(18, 4)",
    };
  const scale = Math.max(digits.scale, 0);
  const precision = Math.max(digits.precision - Math.min(digits.scale, 0), scale);
  if (precision <= 38) return { kind: "decimal", precision, scale };
  return { advice: "a decimal has at most 38 digits; convert it in the query: amount::numeric(38, 4)" };
}

/** The SQL that writes a column so that it can be read as a kind. */
export interface Rendering {
  /** SQL that gives text, or a value that COPY writes as that text. */
  readonly sql: string;
  /** Timestamps only. */
  readonly encoding?: TimeEncoding | undefined;
}

const integers: readonly string[] = ["int2", "int4", "int8", "oid"];
const texts: readonly string[] = ["text", "varchar", "bpchar", "char", "name", "citext"];
const timestamps: readonly string[] = ["date", "timestamp", "timestamptz"];

/** A requested column. Elements of lists have no encoding. */
type Wanted = Column & { readonly encoding?: TimeEncoding | undefined };

/**
 * Returns the SQL that writes values of a type so that an engine reads them exactly as a kind, or the reason why it cannot.
 *
 * @param column SQL that names the column.
 */
export function render(column: string, type: PgType, wanted: Wanted): Rendering | { readonly problem: string } {
  const is = (...names: readonly string[]): boolean => (type.builtIn || type.name === "citext") && names.includes(type.name);
  const text = `${column}::text`;
  if (wanted.encoding !== undefined) {
    if (is(...(wanted.encoding.kind === "epoch" ? integers : texts))) return { sql: text, encoding: wanted.encoding };
    const other = wanted.encoding.kind === "epoch" ? "unit" : "format";
    return { problem: `is ${type.shown}, which has no ${other}; declare it without ${other}` };
  }
  switch (wanted.kind) {
    case "string":
      if (is("bytea")) return { problem: `is bytea; declare it as t.bytes(), or convert it in the query` };
      if (is("money")) return { problem: `is money; ${advices.money}` };
      return { sql: text };
    case "boolean":
      if (is("bool")) return { sql: text };
      break;
    case "int32":
    case "int64":
    case "decimal":
      // The engine refuses digits that the kind cannot hold.
      if (is(...integers, "numeric")) return { sql: text };
      break;
    case "float32":
      if (is("float4")) return { sql: text };
      break;
    case "float64":
      // The shortest text of a float4 is a different number as a float8.
      if (is("float4", "float8", "int2", "int4")) return { sql: `${column}::float8::text` };
      break;
    case "timestamp":
      if (is(...timestamps)) return { sql: withinCalendar(column), encoding: { kind: "iso" } };
      if (is(...texts, ...integers))
        return {
          problem: `is ${type.shown}; say how it is written, for example ${integers.includes(type.name) ? 't.timestamp({ unit: "ms" })' : 't.timestamp({ format: "%Y-%m-%d" })'}`,
        };
      break;
    case "date":
      if (is("date")) return { sql: withinCalendar(column) };
      break;
    case "time":
      // The engine refuses 24:00.
      if (is("time")) return { sql: text };
      break;
    case "json":
      if (is("json", "jsonb")) return { sql: text };
      break;
    case "list":
    case "vector":
      return renderArray(column, type, wanted);
    case "struct":
      break;
    case "bytes":
      if (is("bytea")) return { sql: `translate(encode(${column}, 'base64'), E'\\n', '')` };
      break;
  }
  return {
    problem: `is ${type.shown}, which ${typeText(wanted)} does not hold exactly; fix the declared column, or convert it in the query`,
  };
}

/** Writes dates and timestamps that a kind cannot hold as text that no engine can parse, so that the error shows the value. */
function withinCalendar(column: string): string {
  return `CASE WHEN ${column} >= '0001-01-01' AND ${column} < '10000-01-01' THEN ${column}::text ELSE 'not in the years 1 to 9999: ' || ${column}::text END`;
}

/** Writes a one-dimensional array as JSON. */
function renderArray(column: string, { shown, element }: PgType, wanted: Column): Rendering | { readonly problem: string } {
  const of: Column = wanted.kind === "list" ? (wanted.of ?? wanted) : { kind: wanted.element ?? "float64", nullable: false };
  const problem = `is ${shown}, which ${typeText(wanted)} does not hold exactly; fix the declared column, or convert it in the query`;
  if (element === undefined || !isElement(element)) return { problem };
  const inner = render("", element, of);
  if ("problem" in inner) return { problem };
  const array = of.kind === "float64" ? `${column}::float8[]` : of.kind === "string" ? `${column}::text[]` : column;
  const isWrong = [`array_ndims(${column}) > 1`, ...(timestamps.includes(element.name) && of.kind !== "string" ? [isOutside(column)] : [])];
  const text = `CASE WHEN ${isWrong.join(" OR ")} THEN 'not a list of values that ${typeText(of)} holds: ' || ${column}::text ELSE array_to_json(${array})::text END`;
  return { sql: text };
}

/** Returns SQL that is true if an array has a date or timestamp outside the years 1 to 9999. */
function isOutside(column: string): string {
  return `('0001-01-01' <= ALL (${column})) IS FALSE OR ('10000-01-01' > ALL (${column})) IS FALSE`;
}
