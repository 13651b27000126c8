import type { ColumnKind } from "@mlforge/spec";
import { DataType, type RecordBatch, type Vector } from "apache-arrow";

/** A value as JSON can hold it: int64, timestamps (microseconds) and unscaled decimals as digits, dates as days, bytes in hex. */
export type PlainValue = string | number | boolean | null;

/** The values of a column over all batches, taken from Arrow's buffers. */
export function plainColumn(batches: readonly RecordBatch[], name: string): PlainValue[] {
  return batches.flatMap((batch) => {
    const vector = batch.getChild(name);
    if (vector === null) throw new TypeError(`no column ${name}`);
    return Array.from({ length: vector.length }, (_, row) => (vector.isValid(row) ? plainValue(vector, row) : null));
  });
}

function plainValue(vector: Vector, row: number): PlainValue {
  const { type } = vector;
  if (DataType.isDecimal(type)) {
    const words: Uint32Array = vector.toArray().subarray(row * 4, row * 4 + 4);
    const unsigned = words.reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
    return String(BigInt.asIntN(128, unsigned));
  }
  if (DataType.isTimestamp(type) || (DataType.isInt(type) && type.bitWidth === 64)) return String(vector.toArray()[row]);
  if (DataType.isDate(type)) return vector.data[0]?.values[row];
  const value: unknown = vector.get(row);
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : (value as PlainValue);
}

/** The name of the Arrow type each kind has in every batch. */
export const canonicalTypes: Readonly<Record<Exclude<ColumnKind, "decimal" | "time" | "json" | "list" | "vector" | "struct">, string>> = {
  string: "Utf8",
  boolean: "Bool",
  int32: "Int32",
  int64: "Int64",
  float32: "Float32",
  float64: "Float64",
  timestamp: "Timestamp<MICROSECOND, UTC>",
  date: "Date32<DAY>",
  bytes: "Binary",
};
