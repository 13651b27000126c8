import { type Data, DataType, type RecordBatch } from "apache-arrow";

/**
 * A value as JSON can hold it: int64, timestamps and times (microseconds) and unscaled decimals as digits, dates as days, bytes in hex, lists, vectors,
 * and structs as arrays. NaN and -0 are numbers.
 */
export type PlainValue = string | number | boolean | null | readonly PlainValue[];

/** Returns the values of a column over all batches, straight from the buffers of Arrow. `column` is a name, or a position if names repeat. */
export function plainColumn(batches: readonly RecordBatch[], column: string | number): PlainValue[] {
  return batches.flatMap((batch) => {
    const position = typeof column === "number" ? column : batch.schema.fields.findIndex(({ name }) => name === column);
    const data = batch.data.children[position];
    if (data === undefined) throw new TypeError(`the batch has no column ${JSON.stringify(column)}`);
    return Array.from({ length: batch.numRows }, (_, row) => plainValue(data, row));
  });
}

/** Returns the rows of all batches. */
export function plainRows(batches: readonly RecordBatch[]): PlainValue[][] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.numRows }, (_, row) => batch.data.children.map((data) => plainValue(data, row))),
  );
}

const decoder: { decode(bytes: Uint8Array): string } = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function plainValue(data: Data, row: number): PlainValue {
  if (!data.getValid(row)) return null;
  const { type, values } = data;
  if (DataType.isList(type)) return elements(data, data.valueOffsets[row], data.valueOffsets[row + 1]);
  if (DataType.isFixedSizeList(type)) return elements(data, row * type.listSize, (row + 1) * type.listSize);
  if (DataType.isStruct(type)) return data.children.map((child) => plainValue(child, row));
  if (DataType.isUtf8(type)) return decoder.decode(values.subarray(data.valueOffsets[row], data.valueOffsets[row + 1]));
  if (DataType.isBinary(type)) return Buffer.from(values.subarray(data.valueOffsets[row], data.valueOffsets[row + 1])).toString("hex");
  if (DataType.isBool(type)) return ((values[(data.offset + row) >> 3] >> ((data.offset + row) & 7)) & 1) === 1;
  if (DataType.isDecimal(type)) return decimalDigits(values.subarray(4 * row, 4 * row + 4));
  const value: unknown = values[row];
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return value;
  throw new TypeError(`cannot read a value of the Arrow type ${type}`);
}

function elements(data: Data, start: number, end: number): PlainValue[] {
  const [child] = data.children;
  if (child === undefined) throw new TypeError(`a column of the Arrow type ${data.type} has no elements`);
  return Array.from({ length: end - start }, (_, index) => plainValue(child, start + index));
}

function decimalDigits(words: Uint32Array): string {
  const unsigned = words.reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
  return String(BigInt.asIntN(128, unsigned));
}
