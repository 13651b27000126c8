import { DuckDBInstance, DuckDBTimestampValue } from "@duckdb/node-api";
import type { LabelRow, Labels } from "@mlforge/core";
import { Int64, makeData, makeVector, Table, TimestampMicrosecond, Vector } from "apache-arrow";
import type { LabelForm } from "./training-job.js";

/** The labels of a file in one of the forms that mlforge takes. */
export async function labelsAs(form: LabelForm, file: string): Promise<Labels> {
  if (form !== "objects" && form !== "arrow") return file;
  const { k, t } = await columnsOf(file);
  if (form === "objects") return Array.from(k, (key, row): LabelRow => ({ k: Number(key), t: new Date(Number((t[row] ?? 0n) / 1_000n)) }));
  const times = makeData({ type: new TimestampMicrosecond(), length: t.length, data: t });
  return new Table({ k: makeVector(makeData({ type: new Int64(), length: k.length, data: k })), t: new Vector([times]) });
}

async function columnsOf(file: string): Promise<{ readonly k: BigInt64Array; readonly t: BigInt64Array }> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const [k = [], t = []] = (await connection.runAndReadAll(`SELECT k, t FROM '${file}'`)).getColumns();
  connection.closeSync();
  instance.closeSync();
  return { k: BigInt64Array.from(k, integer), t: BigInt64Array.from(t, integer) };
}

function integer(value: unknown): bigint {
  if (value instanceof DuckDBTimestampValue) return value.micros;
  if (typeof value === "bigint") return value;
  throw new TypeError(`${String(value)} is no integer or timestamp`);
}
