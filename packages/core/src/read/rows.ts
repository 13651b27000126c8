import { type Column, MlforgeError, type NamedColumn, type Schema } from "@mlforge/spec";
import type { RecordBatch, Vector } from "apache-arrow";

/** How a value of a kind is given in JavaScript. */
export interface RowOptions {
  /** What an int64 becomes: a number (an error beyond 2^53), or a bigint. `number` unless told. */
  readonly int64?: "number" | "bigint" | undefined;
  /** What a timestamp becomes: a Date, cut to the millisecond, or a bigint of microseconds since the Unix epoch. `date` unless told. */
  readonly timestamp?: "date" | "microseconds" | undefined;
}

/** A value of a row. Decimals are text, dates are midnight UTC. */
export type RowValue = string | number | bigint | boolean | Date | Uint8Array | null;

type Reader = (index: number) => RowValue;

/**
 * The rows of a batch as objects, in order.
 *
 * @throws NUMBER_UNSAFE for an int64 beyond 2^53, unless asked for as bigint.
 */
export function* rowsOf(batch: RecordBatch, schema: Schema, options: RowOptions = {}): Generator<Record<string, RowValue>> {
  const readers = schema.map((column): [string, Reader] => [column.name, readerOf(column, batch.getChild(column.name), options)]);
  for (let index = 0; index < batch.numRows; index++) {
    const row: Record<string, RowValue> = {};
    for (const [name, read] of readers) row[name] = read(index);
    yield row;
  }
}

function readerOf(column: NamedColumn, vector: Vector | null, options: RowOptions): Reader {
  if (vector === null) throw mismatch(`there is no column "${column.name}"`);
  const convert = converterOf(column, options);
  const text = column.kind === "string" ? exactText(vector) : undefined;
  if (text !== undefined) return (index) => (vector.isValid(index) ? text(index) : null);
  const exact = exactValues(column, vector);
  return (index) => {
    const value: unknown = vector.get(index);
    return value === null || value === undefined ? null : convert(exact === undefined ? value : exact[index]);
  };
}

/** The number of the Arrow type of text. */
const utf8 = 5;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** `get` drops a byte order mark at the beginning of a text, so text is read from the buffers. Undefined where it is not plain text. */
function exactText(vector: Vector): ((index: number) => string) | undefined {
  const [chunk, ...others] = vector.data;
  if (chunk === undefined || others.length > 0 || Number(vector.type.typeId) !== utf8) return undefined;
  const bytes: unknown = chunk.values;
  const offsets: unknown = chunk.valueOffsets;
  if (!(bytes instanceof Uint8Array) || !(offsets instanceof Int32Array)) return undefined;
  return (index) => decoder.decode(bytes.subarray(offsets[index], offsets[index + 1]));
}

/** `get` gives timestamps as floating milliseconds, so their exact microseconds are read from the buffer. */
function exactValues(column: Column, vector: Vector): ArrayLike<unknown> | undefined {
  if (column.kind !== "timestamp") return undefined;
  const [chunk] = vector.data;
  return vector.data.length === 1 ? chunk?.values : vector.toArray();
}

function converterOf(column: NamedColumn, { int64 = "number", timestamp = "date" }: RowOptions): (value: unknown) => RowValue {
  switch (column.kind) {
    case "string":
      return (value) => (typeof value === "string" ? value : unexpected(column, value));
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : unexpected(column, value));
    case "int32":
    case "float32":
    case "float64":
      return (value) => (typeof value === "number" ? value : unexpected(column, value));
    case "int64":
      if (int64 === "bigint") return (value) => (typeof value === "bigint" ? value : unexpected(column, value));
      return (value) => (typeof value === "bigint" ? safeNumber(column, value) : unexpected(column, value));
    case "decimal":
      return (value) => (value instanceof Uint32Array ? decimalText(value, column.scale ?? 0) : unexpected(column, value));
    case "timestamp":
      if (timestamp === "microseconds") return (value) => (typeof value === "bigint" ? value : unexpected(column, value));
      return (value) => (typeof value === "bigint" ? new Date(Number(floorDivide(value, 1_000n))) : unexpected(column, value));
    case "date":
      return (value) => (typeof value === "number" ? new Date(value) : unexpected(column, value));
    case "bytes":
      return (value) => (value instanceof Uint8Array ? value : unexpected(column, value));
  }
}

function safeNumber(column: NamedColumn, value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new MlforgeError(
    "NUMBER_UNSAFE",
    `column "${column.name}" holds ${value}, which a number cannot hold exactly; ask for int64: "bigint"`,
    {
      column: column.name,
      value: String(value),
    },
  );
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

/** Arrow gives a decimal as the four little-endian words of its unscaled 128-bit two's complement value. */
function decimalText(words: Uint32Array, scale: number): string {
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const value = BigInt.asIntN(words.length * 32, unsigned);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const sign = value < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function unexpected(column: NamedColumn, value: unknown): never {
  throw mismatch(`column "${column.name}" is declared ${column.kind} but holds a ${typeof value}`);
}

function mismatch(problem: string): MlforgeError<"SCHEMA_MISMATCH"> {
  const message = `the rows are not of the declared columns: ${problem}; correct the declared columns or the rows`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where: "a batch of rows", problems: [problem] });
}
