import {
  type CellValue,
  type Column,
  elementOf,
  fieldsOf,
  isNested,
  MlforgeError,
  type NamedColumn,
  type Schema,
  vectorOf,
} from "@mlforge/spec";
import type { RecordBatch, Vector } from "apache-arrow";

/** How to represent values in JavaScript. */
export interface RowOptions {
  /** The type of int64 values: `number`, which fails for values beyond 2^53, or `bigint`. Defaults to `number`. */
  readonly int64?: "number" | "bigint" | undefined;
  /**
   * The type of timestamps: `date`, a Date truncated to milliseconds, or `microseconds`, a bigint of microseconds since the Unix epoch. Defaults to
   * `date`.
   */
  readonly timestamp?: "date" | "microseconds" | undefined;
}

/**
 * A value of a row. Decimals are strings, dates are midnight UTC, times of day are `HH:MM:SS.ffffff`, JSON is its text, lists are arrays, vectors are
 * typed arrays, and structs are objects.
 */
export type RowValue = CellValue;

type Reader = (index: number) => RowValue;

/**
 * Converts the rows of a batch to objects, in order.
 *
 * @throws NUMBER_UNSAFE if an int64 is beyond 2^53, unless `int64` is `bigint`
 */
export function* rowsOf(batch: RecordBatch, schema: Schema, options: RowOptions = {}): Generator<Record<string, RowValue>> {
  const columns = readersOf(batch, schema, options);
  const readers = columns.map((read, index): [string, Reader] => [schema[index]?.name ?? "", read]);
  for (let index = 0; index < batch.numRows; index++) {
    yield objectOf(readers, index);
  }
}

/** Returns a function for each column that reads its value in a row of the batch. */
export function readersOf(batch: RecordBatch, schema: Schema, options: RowOptions = {}): readonly Reader[] {
  return schema.map((column) => readerOf(column, batch.getChild(column.name), options));
}

/** Returns an object with these members in this order, whatever their names are. */
function objectOf(readers: readonly (readonly [string, Reader])[], index: number): Record<string, RowValue> {
  const object: Record<string, RowValue> = {};
  for (const [name, read] of readers) {
    const value = read(index);
    // An assignment would set the prototype.
    if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    else object[name] = value;
  }
  return object;
}

function readerOf(column: NamedColumn, vector: Vector | null, options: RowOptions): Reader {
  if (vector === null) throw mismatch(`it has no column "${column.name}"`);
  if (isNested(column)) return nestedReader(column, vector, options);
  const convert = converterOf(column, options, microsecondScale(vector));
  const text = column.kind === "string" || column.kind === "json" ? exactText(vector) : undefined;
  if (text !== undefined) return (index) => (vector.isValid(index) ? text(index) : null);
  const exact = exactValues(column, vector);
  if (exact !== undefined) return (index) => (vector.isValid(index) ? convert(exact[index]) : null);
  return (index) => {
    const value: unknown = vector.get(index);
    return value === null || value === undefined ? null : convert(value);
  };
}

/** The numbers of Arrow types: strings and timestamps. */
const utf8 = 5;
const timestamp = 10;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads strings from the buffers, because `get` drops a byte order mark at the beginning of a string. Returns undefined if the column is not a plain
 * string column.
 */
function exactText(vector: Vector): ((index: number) => string) | undefined {
  const [chunk, ...others] = vector.data;
  if (chunk === undefined || others.length > 0 || Number(vector.type.typeId) !== utf8) return undefined;
  const bytes: unknown = chunk.values;
  const offsets: unknown = chunk.valueOffsets;
  if (!(bytes instanceof Uint8Array) || !(offsets instanceof Int32Array)) return undefined;
  return (index) => decoder.decode(bytes.subarray(offsets[index], offsets[index + 1]));
}

/**
 * Reads timestamps and 64-bit integers from the buffer: timestamps because `get` returns them as floating-point milliseconds, integers because it takes a
 * third of the time.
 */
function exactValues(column: Column, vector: Vector): ArrayLike<unknown> | undefined {
  const [chunk, ...others] = vector.data;
  if (column.kind === "timestamp" && Number(vector.type.typeId) === timestamp)
    return others.length === 0 ? chunk?.values : vector.toArray();
  const values: unknown = chunk?.values;
  return column.kind === "int64" && others.length === 0 && values instanceof BigInt64Array ? values : undefined;
}

/** Reads lists, vectors, and structs from the vectors of their elements and fields. */
function nestedReader(column: NamedColumn, vector: Vector, options: RowOptions): Reader {
  const inner = (name: string, type: Column, index: number): Reader => readerOf({ ...type, name }, vector.getChildAt(index), options);
  const isValid = (index: number): boolean => vector.isValid(index);
  switch (column.kind) {
    case "struct": {
      const fields = vector.type.children.map((field: { readonly name: string }) => field.name);
      const readers = fieldsOf(column).map(({ name, ...type }): [string, Reader] => [
        name,
        inner(`${column.name}.${name}`, type, fields.indexOf(name)),
      ]);
      return (index) => (isValid(index) ? objectOf(readers, index) : null);
    }
    case "vector": {
      const { length, element } = vectorOf(column);
      const numbers = vector.getChildAt(0)?.data[0];
      const values: unknown = numbers?.values;
      const wanted = element === "float32" ? Float32Array : Float64Array;
      return elements(column, vector, (start, end) => {
        if (end - start !== length) throw mismatch(`column "${column.name}" is a vector of ${length} numbers, but has ${end - start}`);
        if (!(values instanceof Float32Array || values instanceof Float64Array) || numbers?.nullCount !== 0)
          return unexpected(column, values);
        return values instanceof wanted ? values.slice(start, end) : wanted.from(values.subarray(start, end));
      });
    }
    default: {
      const read = inner(`${column.name}[]`, elementOf(column), 0);
      return elements(column, vector, (start, end) => Array.from({ length: end - start }, (_, index) => read(start + index)));
    }
  }
}

/** Reads each value from the start of its elements to their end. The rows of the batch must be in one chunk. */
function elements(column: NamedColumn, vector: Vector, read: (start: number, end: number) => RowValue): Reader {
  const [chunk] = vector.data;
  const offsets: unknown = chunk?.valueOffsets;
  const size: unknown = Reflect.get(vector.type, "listSize");
  if (typeof size === "number") return (index) => (vector.isValid(index) ? read(index * size, (index + 1) * size) : null);
  if (!(offsets instanceof Int32Array)) return vector.length === 0 ? () => null : unexpected(column, vector);
  return (index) => (vector.isValid(index) ? read(offsets[index] ?? 0, offsets[index + 1] ?? 0) : null);
}

/** Returns a function that converts the unit of a time vector to microseconds. */
function microsecondScale({ type }: Vector): (count: bigint) => bigint {
  const unit: unknown = Reflect.get(type, "unit");
  if (unit === 0) return (seconds) => seconds * 1_000_000n;
  if (unit === 1) return (milliseconds) => milliseconds * 1_000n;
  return unit === 3 ? (nanoseconds) => floorDivide(nanoseconds, 1_000n) : (microseconds) => microseconds;
}

function converterOf(
  column: NamedColumn,
  { int64 = "number", timestamp = "date" }: RowOptions,
  scale: (count: bigint) => bigint,
): (value: unknown) => RowValue {
  switch (column.kind) {
    case "json":
    case "string":
      return (value) => (typeof value === "string" ? value : unexpected(column, value));
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : unexpected(column, value));
    case "int32":
    case "float32":
    case "float64":
      return (value) => (typeof value === "number" ? value : unexpected(column, value));
    case "int64":
      // Arrow represents unsigned 32-bit integers as numbers.
      if (int64 === "bigint") {
        return (value) => (typeof value === "bigint" ? value : typeof value === "number" ? BigInt(value) : unexpected(column, value));
      }
      return (value) =>
        typeof value === "bigint" ? safeNumber(column, value) : typeof value === "number" ? value : unexpected(column, value);
    case "decimal":
      return (value) =>
        typeof value === "bigint"
          ? String(value)
          : value instanceof Uint32Array
            ? decimalText(value, column.scale ?? 0)
            : unexpected(column, value);
    case "timestamp":
      if (timestamp === "microseconds") return (value) => (typeof value === "bigint" ? scale(value) : unexpected(column, value));
      return (value) => (typeof value === "bigint" ? new Date(Number(floorDivide(scale(value), 1_000n))) : unexpected(column, value));
    case "date":
      return (value) => (typeof value === "number" ? new Date(value) : unexpected(column, value));
    case "bytes":
      return (value) => (value instanceof Uint8Array ? value : unexpected(column, value));
    case "time":
      return (value) =>
        typeof value === "bigint" || typeof value === "number" ? timeText(scale(BigInt(value))) : unexpected(column, value);
    default:
      return (value) => unexpected(column, value);
  }
}

/** Formats microseconds since midnight as `HH:MM:SS.ffffff`. */
function timeText(microseconds: bigint): string {
  const seconds = Number(microseconds / 1_000_000n);
  const [hour, minute, second] = [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${hour}:${minute}:${second}.${String(microseconds % 1_000_000n).padStart(6, "0")}`;
}

function safeNumber(column: NamedColumn, value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new MlforgeError(
    "NUMBER_UNSAFE",
    `column "${column.name}" has the value ${value}, which a number cannot represent exactly; use int64: "bigint"`,
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

/** Arrow stores a decimal as the four little-endian words of its unscaled 128-bit two's complement value. */
function decimalText(words: Uint32Array, scale: number): string {
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const value = BigInt.asIntN(words.length * 32, unsigned);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const sign = value < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function unexpected(column: NamedColumn, value: unknown): never {
  throw mismatch(`column "${column.name}" is declared ${column.kind}, but has a ${typeof value}`);
}

function mismatch(problem: string): MlforgeError<"SCHEMA_MISMATCH"> {
  const message = `the rows do not match the declared columns: ${problem}; correct the declared columns or the rows`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where: "a batch of rows", problems: [problem] });
}
