import type { ColumnKind, NamedColumn, Schema } from "@mlforge/spec";
import {
  Schema as ArrowSchema,
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Struct,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import * as fc from "fast-check";
import type { PlainValue } from "./values.js";

/** Columns and their rows as plain values; a date is days, a timestamp microseconds, a decimal its unscaled digits. */
export interface RandomRows {
  readonly columns: Schema;
  readonly rows: readonly (readonly PlainValue[])[];
}

/** The kinds whose values are plain: the others have tests of their own. */
type PlainKind = Exclude<ColumnKind, "time" | "json" | "list" | "vector" | "struct">;

const kinds: Readonly<
  Record<PlainKind, fc.Arbitrary<{ readonly column: Omit<NamedColumn, "name" | "nullable">; readonly value: fc.Arbitrary<PlainValue> }>>
> = {
  string: plain("string", fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a", "b"))),
  boolean: plain("boolean", fc.boolean()),
  int32: plain("int32", fc.integer()),
  int64: plain("int64", fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String)),
  float32: plain("float32", fc.float()),
  float64: plain("float64", fc.double()),
  timestamp: plain("timestamp", fc.bigInt(-(2n ** 60n), 2n ** 60n).map(String)),
  date: plain("date", fc.integer({ min: -1_000_000, max: 1_000_000 })),
  bytes: plain(
    "bytes",
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("hex")),
  ),
  decimal: fc.integer({ min: 1, max: 38 }).chain((precision) =>
    fc.integer({ min: 0, max: precision }).map((scale) => ({
      column: { kind: "decimal" as const, precision, scale },
      value: fc.bigInt(1n - 10n ** BigInt(precision), 10n ** BigInt(precision) - 1n).map(String),
    })),
  ),
};

function plain(kind: PlainKind, value: fc.Arbitrary<PlainValue>): (typeof kinds)[PlainKind] {
  return fc.constant({ column: { kind }, value });
}

/** Up to six columns of any kind, nullable or not, and up to forty rows. */
export const randomRows: fc.Arbitrary<RandomRows> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...Object.values(kinds)).chain((kind) => kind),
      fc.boolean(),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .chain((chosen) => {
    const columns = chosen.map(([{ column }, nullable], position) => ({ ...column, name: `column ${position}`, nullable }));
    const values = chosen.map(([{ value }, nullable]) => (nullable ? fc.option(value, { nil: null, freq: 3 }) : value));
    return fc.array(fc.tuple(...values), { maxLength: 40 }).map((rows) => ({ columns, rows }));
  });

/** The rows as a batch, built by Arrow's own builders. */
export function batchOf(columns: Schema, rows: RandomRows["rows"]): RecordBatch {
  const schema = new ArrowSchema(columns.map((column) => new Field(column.name, typeOf(column), column.nullable)));
  const children = columns.map((column, position) => {
    const values = rows.map((row) => builderValue(column.kind, row[position] ?? null));
    // Arrow's builder of timestamps takes milliseconds as a float, which would lose digits.
    const built = vectorFromArray(values, column.kind === "timestamp" ? new Int64() : typeOf(column)).data[0];
    return built?.clone(typeOf(column)) ?? makeData({ type: typeOf(column), length: 0 });
  });
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }));
}

function typeOf({ kind, precision = 38, scale = 0 }: NamedColumn): DataType {
  const types: Readonly<Record<string, () => DataType>> = {
    string: () => new Utf8(),
    boolean: () => new Bool(),
    int32: () => new Int32(),
    int64: () => new Int64(),
    float32: () => new Float32(),
    float64: () => new Float64(),
    decimal: () => new Decimal(scale, precision, 128),
    timestamp: () => new TimestampMicrosecond("UTC"),
    date: () => new DateDay(),
    bytes: () => new Binary(),
  };
  return types[kind]?.() ?? new Utf8();
}

function builderValue(kind: ColumnKind, value: PlainValue): unknown {
  if (value === null) return null;
  switch (kind) {
    case "int64":
    case "timestamp":
      return BigInt(value);
    case "decimal":
      return Uint32Array.from({ length: 4 }, (_, word) => Number((BigInt.asUintN(128, BigInt(value)) >> BigInt(32 * word)) & 0xffffffffn));
    case "bytes":
      return Uint8Array.from(Buffer.from(String(value), "hex"));
    case "date":
      return Number(value) * 86_400_000;
    default:
      return value;
  }
}
