import type { Engine, EngineOptions, Plan } from "@mlforge/spec";
import { DataType, type RecordBatch } from "apache-arrow";

/** A value as tests compare it: int64, timestamps, and times (microseconds) and decimals (without their point) are bigints, dates are days, bytes are hexadecimal digits, and nested values are JSON. */
export type Cell = string | number | bigint | boolean | null;

/** Runs a plan and returns its rows. */
export async function rowsOf(engine: Engine, plan: Plan, options?: EngineOptions): Promise<Cell[][]> {
  const rows = [];
  for await (const batch of engine.run(plan, options)) rows.push(...batchRows(batch));
  return rows;
}

/** Runs a plan of one row and returns its first value. */
export async function onlyValue(engine: Engine, plan: Plan): Promise<Cell | undefined> {
  const rows = await rowsOf(engine, plan);
  if (rows.length !== 1) throw new Error(`expected one row, not ${rows.length}`);
  return rows[0]?.[0];
}

function batchRows(batch: RecordBatch): Cell[][] {
  const columns = batch.schema.fields.map((field, index) => {
    const vector = batch.getChildAt(index);
    return Array.from({ length: batch.numRows }, (_, row) => (vector?.isValid(row) ? cell(field.type, batch, index, row) : null));
  });
  return Array.from({ length: batch.numRows }, (_, row) => columns.map((values) => values[row] ?? null));
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads timestamps, dates, decimals and text from the buffers, because apache-arrow's accessors convert them, or drop a byte order mark. */
function cell(type: DataType, batch: RecordBatch, index: number, row: number): Cell {
  const values = batch.data.children[index]?.values;
  if (DataType.isDecimal(type)) return decimal(values.subarray(row * 4, row * 4 + 4));
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return values[row];
  if (DataType.isUtf8(type)) {
    const offsets = batch.data.children[index]?.valueOffsets;
    return decoder.decode(values.subarray(offsets?.[row], offsets?.[row + 1]));
  }
  const found: unknown = batch.getChildAt(index)?.get(row);
  if (found instanceof Uint8Array) return Buffer.from(found).toString("hex");
  if (typeof found === "string" || typeof found === "number" || typeof found === "bigint" || typeof found === "boolean") return found;
  if (typeof found === "object" && found !== null) {
    return JSON.stringify(found, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner));
  }
  throw new Error(`unexpected value of ${type}`);
}

function decimal(words: Uint32Array): bigint {
  return BigInt.asIntN(
    128,
    [...words].reduceRight((high, word) => (high << 32n) | BigInt(word), 0n),
  );
}
