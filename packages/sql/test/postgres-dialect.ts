import { elementOf, type ScalarKind } from "@mlforge/spec";
import { aggregateOf, callOf, type Dialect, type Kind, standardAggregates, standardDialect, standardFunctions } from "../src/index.js";

const names: Readonly<Record<Exclude<ScalarKind, "decimal">, string>> = {
  string: "text",
  boolean: "boolean",
  int32: "integer",
  int64: "bigint",
  float32: "real",
  float64: "double precision",
  date: "date",
  timestamp: "timestamp",
  bytes: "bytea",
  time: "time",
  json: "jsonb",
};

function typeName(type: Kind): string {
  if (type.kind === "decimal") return `numeric(${type.precision ?? 38}, ${type.scale ?? 0})`;
  if (type.kind === "list") return `${typeName(elementOf(type))}[]`;
  if (type.kind === "vector" || type.kind === "struct") throw new TypeError(`no ${type.kind} in PostgreSQL`);
  return names[type.kind];
}

const conform = (sql: string, to: Kind): string => `CAST(${sql} AS ${typeName(to)})`;
const isFloat = ({ kind }: Kind): boolean => kind === "float32" || kind === "float64";

/** The SQL of PostgreSQL 15, with what plans over constants need. The cluster's collation must be `C`. */
export const postgres: Dialect = standardDialect({
  name: "postgres",
  identifier: quoted,
  literal: (value, type) => conform(value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`, type),
  cast: ({ sql }, to) => conform(sql, to),
  conform,
  call: callOf("postgres", {
    ...standardFunctions,
    isNaN: ([value = ""], _, [type]) => (type !== undefined && isFloat(type) ? `coalesce(${value} = 'NaN', false)` : "false"),
    contains: ([text, part]) => `(strpos(${text}, ${part}) > 0)`,
    substring: ([text, start, length]) => `substring(${text}, CAST(${start} AS integer), CAST(${length} AS integer))`,
    truncate: ([time = "", length]) => `date_bin(${length} * interval '1 microsecond', ${time}, timestamp 'epoch')`,
    microsecondsBetween: ([from = "", to = ""]) => `(${microsecondsOf(to)} - ${microsecondsOf(from)})`,
  }),
  aggregate: aggregateOf(
    { name: "postgres", conform },
    {
      ...standardAggregates,
      min: (input, { input: value }) => `${value?.type.kind === "boolean" ? "bool_and" : "min"}(${input})`,
      max: (input, { input: value }) => `${value?.type.kind === "boolean" ? "bool_or" : "max"}(${input})`,
      // A sum of real is a real.
      sum: (input, { input: value }) => total(input, value?.type ?? { kind: "int64" }),
      median: (input) => `percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(${input} AS double precision))`,
    },
  ),
  microsecondsOf,
  // A number times an interval is computed in doubles, which hold seconds and microseconds apart.
  timestampOf: (micros) =>
    `(timestamp 'epoch' + ${micros} / 1000000 * interval '1 second' + ${micros} % 1000000 * interval '1 microsecond')`,
  total,
  anyValue: (sql, { kind }) => `${kind === "boolean" ? "bool_or" : "max"}(${sql})`,
  collect: (sql) => `array_agg(${sql}) FILTER (WHERE ${sql} IS NOT NULL)`,
  // Arrays of arrays must have the same length.
  concatenate: (lists) => `string_agg(array_to_string(${lists}, ','), ',')`,
  median: (texts) =>
    `(SELECT (v[(n + 1) / 2] + v[n / 2 + 1]) / 2 FROM (SELECT array_agg(x ORDER BY x) AS v, CAST(count(*) AS integer) AS n FROM unnest(CAST(string_to_array(${texts}, ',') AS double precision[])) AS u(x)) AS m)`,
  // Constants are returned in their order.
  numberRows: (input, column, compile) => `SELECT *, row_number() OVER () - 1 AS ${quoted(column)}\nFROM (\n${compile(input)}\n) AS t`,
  commonTable: (name, query, materialized) =>
    `${name} AS ${{ true: "MATERIALIZED ", false: "NOT MATERIALIZED ", undefined: "" }[`${materialized}`]}(\n${query}\n)`,
});

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function microsecondsOf(sql: string): string {
  return `CAST(extract(epoch FROM CAST(${sql} AS timestamp)) * 1000000 AS bigint)`;
}

function total(sql: string, of: Kind): string {
  return `sum(CAST(${sql} AS ${isFloat(of) ? "double precision" : "numeric"}))`;
}
