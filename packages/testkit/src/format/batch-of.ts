import { elementOf, fieldsOf, type Kind, type Schema, vectorOf } from "@mlforge/spec";
import { BufferType, Data, RecordBatch, Struct } from "apache-arrow";
import { arrowSchemaOf, arrowTypeOf } from "./arrow-type.js";
import type { PlainValue } from "./plain-value.js";

/** Builds a batch from plain values, straight into the buffers of Arrow. Slots of null values hold other values, as they may in Arrow. */
export function batchOf(columns: Schema, rows: readonly (readonly PlainValue[])[]): RecordBatch {
  const schema = arrowSchemaOf(columns);
  const children = columns.map((column, position) =>
    dataOf(
      column,
      rows.map((row) => row[position] ?? null),
    ),
  );
  return new RecordBatch(schema, new Data(new Struct(schema.fields), 0, rows.length, 0, {}, children));
}

function dataOf(column: Kind, values: readonly PlainValue[]): Data {
  const type = arrowTypeOf(column);
  const nullCount = values.filter((value) => value === null).length;
  const { offsets, buffer, children } = contentsOf(column, values);
  const buffers = {
    [BufferType.VALIDITY]: validityOf(values),
    ...(offsets && { [BufferType.OFFSET]: offsets }),
    ...(buffer && { [BufferType.DATA]: buffer }),
  };
  return new Data(type, 0, values.length, nullCount, buffers, children);
}

interface Contents {
  readonly offsets?: Int32Array;
  readonly buffer?: ArrayBufferView;
  readonly children?: Data[];
}

function contentsOf(column: Kind, values: readonly PlainValue[]): Contents {
  switch (column.kind) {
    case "string":
    case "json":
      return bytesOf(values.map((value) => Buffer.from(textIn(value ?? ""), "utf8")));
    case "bytes":
      return bytesOf(values.map((value) => Buffer.from(textIn(value ?? ""), "hex")));
    case "boolean":
      return { buffer: bitsOf(values.map((value) => value !== false)) };
    case "int32":
    case "date":
      return { buffer: Int32Array.from(values, numberIn) };
    case "float32":
      return { buffer: Float32Array.from(values, numberIn) };
    case "float64":
      return { buffer: Float64Array.from(values, numberIn) };
    case "int64":
    case "timestamp":
    case "time":
      return { buffer: BigInt64Array.from(values, integerIn) };
    case "decimal":
      return { buffer: wordsOf(values.map(integerIn)) };
    case "list": {
      const lists = values.map((value) => listIn(value ?? []));
      return { offsets: offsetsOf(lists), children: [dataOf(elementOf(column), lists.flat())] };
    }
    case "vector": {
      const { length, element } = vectorOf(column);
      const vectors = values.map((value) => listIn(value ?? Array.from({ length }, () => filler)));
      return { children: [dataOf({ kind: element }, vectors.flat())] };
    }
    case "struct":
      return {
        children: fieldsOf(column).map((field, position) =>
          dataOf(
            field,
            values.map((value) => (value === null ? fillerOf(field) : (listIn(value)[position] ?? null))),
          ),
        ),
      };
  }
}

const filler = 7;

/** Returns the value of a field of a null struct. */
function fillerOf(column: Kind): PlainValue {
  switch (column.kind) {
    case "string":
    case "json":
    case "bytes":
      return "";
    case "boolean":
      return true;
    case "list":
      return [];
    case "vector":
      return Array.from({ length: vectorOf(column).length }, () => filler);
    case "struct":
      return fieldsOf(column).map(fillerOf);
    default:
      return filler;
  }
}

function numberIn(value: PlainValue): number {
  if (typeof value === "number" || value === null) return value ?? filler;
  throw new TypeError(`${JSON.stringify(value)} is not a number`);
}

function integerIn(value: PlainValue): bigint {
  return BigInt(typeof value === "string" || typeof value === "number" ? value : filler);
}

function textIn(value: PlainValue): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${JSON.stringify(value)} is not a string`);
}

function listIn(value: PlainValue): readonly PlainValue[] {
  if (typeof value === "object" && value !== null) return value;
  throw new TypeError(`${JSON.stringify(value)} is not a list`);
}

function bytesOf(values: readonly Uint8Array[]): Contents {
  return { offsets: offsetsOf(values), buffer: Uint8Array.from(Buffer.concat(values)) };
}

function offsetsOf(values: readonly { readonly length: number }[]): Int32Array {
  const offsets = new Int32Array(values.length + 1);
  for (const [index, { length }] of values.entries()) offsets[index + 1] = (offsets[index] ?? 0) + length;
  return offsets;
}

/** Writes the four 32-bit words of each number, lowest first. */
function wordsOf(values: readonly bigint[]): Uint32Array {
  const words = new BigUint64Array(2 * values.length);
  for (const [index, value] of values.entries()) {
    words[2 * index] = BigInt.asUintN(64, value);
    words[2 * index + 1] = BigInt.asUintN(64, value >> 64n);
  }
  return new Uint32Array(words.buffer);
}

function validityOf(values: readonly PlainValue[]): Uint8Array {
  return bitsOf(values.map((value) => value !== null));
}

function bitsOf(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 64) * 8);
  for (const [index, flag] of flags.entries()) if (flag) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  return bits;
}
