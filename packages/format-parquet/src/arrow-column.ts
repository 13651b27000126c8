import { Data, DataType, DateUnit, type Field, Precision, TimeUnit, util } from "apache-arrow";

/**
 * Converts values of a type that `columnOf` reads to the type that `arrowTypeOf` returns for their column.
 *
 * Shares memory if the bytes are the same.
 *
 * @throws {@link TooFine}
 */
export function canonicalData(data: Data, type: DataType): Data {
  const from = data.type;
  const values = data.values?.subarray(0, data.length * data.stride);
  if (DataType.isDictionary(from)) return unpackDictionary(data, type);
  if (DataType.isInt(from) && DataType.isDecimal(type)) return replace(data, type, { values: toDecimals(values) });
  if (DataType.isInt(from) && DataType.isInt(type) && from.bitWidth !== type.bitWidth) {
    return replace(data, type, { values: type.bitWidth === 64 ? BigInt64Array.from(values, BigInt) : Int32Array.from(values) });
  }
  if (DataType.isFloat(from) && from.precision === Precision.HALF) {
    return replace(data, type, { values: Float32Array.from(values, util.uint16ToFloat64) });
  }
  if (DataType.isTimestamp(from) && from.unit === TimeUnit.NANOSECOND) expectMicroseconds(data);
  if (DataType.isTimestamp(from) && from.unit !== TimeUnit.MICROSECOND) {
    return replace(data, type, { values: BigInt64Array.from(values, toMicroseconds[from.unit]) });
  }
  if (DataType.isDate(from) && from.unit === DateUnit.MILLISECOND) {
    return replace(data, type, { values: Int32Array.from(values, (ms: bigint) => Number(floorDivide(ms, 86_400_000n))) });
  }
  if (DataType.isTime(from) && from.unit !== TimeUnit.MICROSECOND) {
    return replace(data, type, { values: BigInt64Array.from(values, (time: number | bigint) => toMicroseconds[from.unit](BigInt(time))) });
  }
  if (type.children !== null && type.children !== undefined) return nested(data, type);
  if (DataType.isLargeUtf8(from) || DataType.isLargeBinary(from)) {
    return replace(data, type, { values: data.values, offsets: Int32Array.from(data.valueOffsets, Number) });
  }
  if (DataType.isFixedSizeBinary(from)) {
    return replace(data, type, { values, offsets: Int32Array.from({ length: data.length + 1 }, (_, row) => row * from.byteWidth) });
  }
  return data.clone(type);
}

/** Thrown for a timestamp that is not a whole number of microseconds. */
export class TooFine extends Error {
  override readonly name = "TooFine";
}

function expectMicroseconds(data: Data): void {
  for (let row = 0; row < data.length; row++) {
    const time: unknown = data.values[row];
    if (typeof time === "bigint" && time % 1000n !== 0n && data.getValid(row)) throw new TooFine(`${time} nanoseconds since 1970`);
  }
}

/** Converts the contents of lists or structs. */
function nested(data: Data, type: DataType): Data {
  const children = type.children.map((field, index) => {
    const child = childOf(data, field.name, index, DataType.isStruct(type));
    return canonicalData(child, field.type);
  });
  const offsets = offsetsOf(data, type);
  return new Data(type, data.offset, data.length, data.nullCount, [offsets, undefined, data.nullBitmap], children);
}

function childOf(data: Data, name: string, index: number, byName: boolean): Data {
  const at = byName ? data.type.children.findIndex((field: Field) => field.name === name) : index;
  const child = data.children[at];
  if (child === undefined) throw new TypeError(`the batch has no field "${name}"`);
  return child;
}

/** Returns the offsets of lists, or nothing for vectors and structs. Lists of a fixed length get offsets too. */
function offsetsOf(data: Data, type: DataType): Int32Array | undefined {
  if (!DataType.isList(type)) return undefined;
  const from: DataType = data.type;
  if (DataType.isFixedSizeList(from)) return Int32Array.from({ length: data.length + 1 }, (_, row) => row * from.listSize);
  const { valueOffsets }: { readonly valueOffsets: Int32Array | BigInt64Array } = data;
  return valueOffsets instanceof Int32Array ? valueOffsets : Int32Array.from(valueOffsets, Number);
}

const toMicroseconds: Readonly<Record<TimeUnit, (time: bigint) => bigint>> = {
  [TimeUnit.SECOND]: (time) => time * 1_000_000n,
  [TimeUnit.MILLISECOND]: (time) => time * 1000n,
  [TimeUnit.MICROSECOND]: (time) => time,
  [TimeUnit.NANOSECOND]: (time) => time / 1000n,
};

/** Writes four 32-bit words for each number, lowest first. */
function toDecimals(values: BigUint64Array): Uint32Array {
  const words = new BigUint64Array(2 * values.length);
  for (const [row, value] of values.entries()) words[2 * row] = value;
  return new Uint32Array(words.buffer);
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const remainder = value % divisor;
  return value / divisor - (remainder < 0n ? 1n : 0n);
}

interface Replacement {
  readonly values: DataType["TArray"];
  readonly offsets?: Int32Array | undefined;
}

/** Replaces the values and keeps the rows and nulls. */
function replace(data: Data, type: DataType, { values, offsets }: Replacement): Data {
  return new Data(type, data.offset, data.length, data.nullCount, [offsets, values, data.nullBitmap]);
}

/** Unpacks a dictionary of strings or bytes. */
function unpackDictionary(data: Data, type: DataType): Data {
  const entries: readonly Uint8Array[] = Array.from(data.dictionary ?? [], entryBytes);
  const entryAt = (row: number): Uint8Array => (data.getValid(row) ? entries[Number(data.values[row])] : undefined) ?? nothing;
  const offsets = new Int32Array(data.length + 1);
  for (let row = 0; row < data.length; row++) offsets[row + 1] = (offsets[row] ?? 0) + entryAt(row).length;
  const values = new Uint8Array(offsets[data.length] ?? 0);
  for (let row = 0; row < data.length; row++) values.set(entryAt(row), offsets[row]);
  return replace(data, type, { values, offsets });
}

const nothing: Uint8Array = new Uint8Array();
const encoder: { encode(text: string): Uint8Array } = new TextEncoder();

function entryBytes(entry: unknown): Uint8Array {
  if (typeof entry === "string") return encoder.encode(entry);
  return entry instanceof Uint8Array ? entry : nothing;
}
