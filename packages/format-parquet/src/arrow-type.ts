import type { Column, NamedColumn } from "@mlforge/spec";
import {
  Binary,
  Bool,
  DataType,
  DateDay,
  Decimal,
  type Field,
  Float32,
  Float64,
  Int32,
  Int64,
  Precision,
  TimestampMicrosecond,
  Utf8,
} from "apache-arrow";

/** The Arrow type of a column, the same in every batch whoever made it. */
export function arrowTypeOf({ kind, precision = 38, scale = 0 }: Column): DataType {
  switch (kind) {
    case "string":
      return new Utf8();
    case "boolean":
      return new Bool();
    case "int32":
      return new Int32();
    case "int64":
      return new Int64();
    case "float32":
      return new Float32();
    case "float64":
      return new Float64();
    case "decimal":
      return new Decimal(scale, precision, 128);
    case "timestamp":
      return new TimestampMicrosecond("UTC");
    case "date":
      return new DateDay();
    case "bytes":
      return new Binary();
  }
}

/**
 * The column that can hold every value of a field, or nothing where there is none.
 *
 * Integers of up to 16 bits become int32, those without a sign int64 (32 bits) or decimal (64 bits). Float16 becomes float32. Dates and timestamps of any
 * unit and zone become days and microseconds in UTC. Dictionaries become what they hold.
 */
export function columnOf({ name, type, nullable }: Field): NamedColumn | undefined {
  const kind = kindOf(DataType.isDictionary(type) ? type.dictionary : type);
  if (DataType.isDictionary(type) && kind?.kind !== "string" && kind?.kind !== "bytes") return undefined;
  return kind && { name, ...kind, nullable };
}

function kindOf(type: DataType): Omit<Column, "nullable"> | undefined {
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return { kind: "string" };
  if (DataType.isBool(type)) return { kind: "boolean" };
  if (DataType.isInt(type)) {
    if (type.bitWidth < 32 || (type.bitWidth === 32 && type.isSigned)) return { kind: "int32" };
    return type.bitWidth === 32 || type.isSigned ? { kind: "int64" } : { kind: "decimal", precision: 20, scale: 0 };
  }
  if (DataType.isFloat(type)) return { kind: type.precision === Precision.DOUBLE ? "float64" : "float32" };
  if (DataType.isDecimal(type)) {
    const fits = type.bitWidth === 128 && type.scale >= 0 && type.scale <= type.precision;
    return fits ? { kind: "decimal", precision: type.precision, scale: type.scale } : undefined;
  }
  if (DataType.isTimestamp(type)) return { kind: "timestamp" };
  if (DataType.isDate(type)) return { kind: "date" };
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return { kind: "bytes" };
  return undefined;
}
