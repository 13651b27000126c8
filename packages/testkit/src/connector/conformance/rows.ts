import { pathToFileURL } from "node:url";
import type { ConnectorQuery, Engine, Expression, Plan, QueryRows, ReadRequest, Schema } from "@mlforge/spec";
import type { ConnectorTools, TestDatabase } from "../runner.js";
import { type TestRow, testColumns } from "../test-rows.js";

export function requestOf(query: ConnectorQuery, columns: Schema = testColumns): ReadRequest {
  return { source: "tests", query, columns, fingerprint: { kind: "rows" } };
}

/** The result of a read: what the connector reports, and the rows that an engine reads, as text that distinguishes every two values. */
export async function readTable(
  { connector, all }: TestDatabase,
  table: string,
  { engine, file }: ConnectorTools,
  columns: Schema = testColumns,
): Promise<{ readonly read: QueryRows; readonly rows: readonly string[] }> {
  const path = file();
  const read = await connector.read(requestOf(all(table), columns), path);
  return { read, rows: await rowsIn(path, read, columns, engine) };
}

async function rowsIn(path: string, read: QueryRows, columns: Schema, engine: Engine): Promise<readonly string[]> {
  const input: Plan = {
    op: "scan",
    source: "tests",
    format: read.format,
    paths: [pathToFileURL(path).href],
    columns,
    encodings: read.encodings,
  };
  const plan: Plan = { op: "project", input, columns: columns.map((column) => ({ name: column.name, value: comparable(column) })) };
  const rows: string[] = [];
  for await (const batch of engine.run(plan)) {
    const vectors = columns.map(({ name }) => batch.getChild(name));
    for (let index = 0; index < batch.numRows; index++) rows.push(textOf(vectors.map((vector) => vector?.get(index))));
  }
  return rows;
}

/** Prints a row like {@link rowsIn}. */
export function expectedRow(row: TestRow, columns: Schema = testColumns): string {
  const values: Record<string, unknown> = { ...row, day: row.day === null ? null : BigInt(row.day) * 86_400_000_000n };
  return textOf(columns.map(({ name }) => values[name]));
}

/** Converts values that Arrow returns as milliseconds (timestamps) or words (decimals). */
function comparable({ name, kind }: Schema[number]): Expression {
  const value: Expression = { expr: "column", name };
  if (kind === "decimal") return { expr: "cast", value, to: { kind: "string" } };
  if (kind !== "timestamp" && kind !== "date") return value;
  const timestamp: Expression = kind === "date" ? { expr: "cast", value, to: { kind: "timestamp" } } : value;
  const epoch: Expression = { expr: "literal", kind: "timestamp", value: "1970-01-01T00:00:00.000000Z" };
  return { expr: "call", function: "microsecondsBetween", arguments: [epoch, timestamp] };
}

function textOf(values: readonly unknown[]): string {
  return JSON.stringify(
    values.map((value) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
      return `${typeof value} ${Object.is(value, -0) ? "-0" : String(value)}`;
    }),
  );
}
