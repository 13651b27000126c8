import { type Kind, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import type { Postgres } from "@mlforge/test-servers";
import type { Cell } from "../../testkit/src/engine/arrow-rows.js";
import { compile, type Dialect } from "../src/index.js";
import { postgres } from "./postgres-dialect.js";

/** A value in the text form of a literal. */
export type Text = string | null;

/** Constants in the SQL of a dialect. */
export function constants(dialect: Dialect, columns: Schema, rows: readonly (readonly Text[])[]): Plan {
  const tuples = rows.map((row) => columns.map((type, index) => dialect.literal(row[index] ?? null, type)).join(", "));
  const empty = `SELECT ${columns.map((type) => dialect.literal(null, type)).join(", ")} LIMIT 0`;
  const names = columns.map(({ name }) => dialect.identifier(name)).join(", ");
  const values = tuples.length === 0 ? empty : `VALUES ${tuples.map((tuple) => `(${tuple})`).join(", ")}`;
  return { op: "sql", query: `SELECT * FROM (${values}) AS t(${names})`, inputs: {}, columns };
}

/** Runs a plan on PostgreSQL. */
export function postgresRows(server: Postgres, plan: Plan): Cell[][] {
  const schema = schemaOf(plan);
  const texts = schema.map((column) => textOf(postgres.identifier(column.name), column));
  const printed = server.psql(`SELECT json_build_array(${texts.join(", ")}) FROM (\n${compile(plan, postgres)}\n) AS t;`);
  const rows: Text[][] = printed === "" ? [] : printed.split("\n").map((line) => JSON.parse(line));
  return rows.map((row) => schema.map((type, index) => cellOf(row[index] ?? null, type)));
}

function textOf(sql: string, { kind }: Kind): string {
  if (kind === "timestamp") return `CAST(${postgres.microsecondsOf(sql)} AS text)`;
  if (kind === "date") return `CAST(${sql} - date 'epoch' AS text)`;
  return `CAST(${sql} AS text)`;
}

/** Returns the cell that the rows of an engine have for a value. */
function cellOf(text: Text, { kind }: Kind): Cell {
  if (text === null) return null;
  switch (kind) {
    case "string":
      return text;
    case "boolean":
      return text === "true";
    case "decimal":
      return BigInt(text.replace(".", ""));
    case "int64":
    case "timestamp":
      return BigInt(text);
    default:
      return Number(text);
  }
}
