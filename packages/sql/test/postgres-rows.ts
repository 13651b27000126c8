import { type Kind, MlforgeError, type Plan, schemaOf } from "@mlforge/spec";
import type { Client } from "pg";
import type { Cell } from "../../testkit/src/engine/arrow-rows.js";
import { compile } from "../src/index.js";
import { postgres } from "./postgres-dialect.js";

/** Runs a plan on PostgreSQL. @throws ARITHMETIC_OVERFLOW */
export async function postgresRows(client: Client, plan: Plan): Promise<Cell[][]> {
  const schema = schemaOf(plan);
  const cells = schema.map((column) => textOf(postgres.identifier(column.name), column));
  const text = `SELECT ${cells.join(", ")} FROM (\n${compile(withoutNul(plan), postgres)}\n) AS t`;
  try {
    const { rows } = await client.query<(string | null)[]>({ text, rowMode: "array" });
    return rows.map((row) => schema.map((type, index) => cellOf(row[index] ?? null, type)));
  } catch (error) {
    if (!/out of range|overflow/.test(String(error))) throw error;
    throw new MlforgeError("ARITHMETIC_OVERFLOW", String(error), { where: "PostgreSQL" });
  }
}

/** PostgreSQL has no NUL in a text. It is escaped so that the order of texts remains. */
function withoutNul(plan: Plan): Plan {
  const escaped = (_: string, value: unknown): unknown =>
    typeof value === "string" ? value.replaceAll("\x01", "\x01\x02").replaceAll("\0", "\x01\x01") : value;
  return JSON.parse(JSON.stringify(plan, escaped));
}

function textOf(sql: string, { kind }: Kind): string {
  if (kind === "timestamp") return `CAST(${postgres.microsecondsOf(sql)} AS text)`;
  if (kind === "date") return `CAST(${sql} - date 'epoch' AS text)`;
  return `CAST(${sql} AS text)`;
}

/** Returns the cell that the rows of an engine have for a value. */
function cellOf(text: string | null, { kind }: Kind): Cell {
  if (text === null) return null;
  switch (kind) {
    case "string":
      return text.replaceAll("\x01\x01", "\0").replaceAll("\x01\x02", "\x01");
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
