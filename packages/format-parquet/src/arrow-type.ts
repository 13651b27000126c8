import { type Column, elementOf, fieldsOf, type Kind, type NamedColumn, vectorOf } from "@mlforge/spec";
import {
  Binary,
  Bool,
  DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Precision,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from "apache-arrow";

/** Returns the Arrow type of a column, which is the same in every batch. */
export function arrowTypeOf(column: Kind): DataType {
  switch (column.kind) {
    case "list":
      return new List(fieldOf("element", elementOf(column)));
    case "vector": {
      const { length, element } = vectorOf(column);
      return new FixedSizeList(length, fieldOf("element", { kind: element, nullable: false }));
    }
    case "struct":
      return new Struct(fieldsOf(column).map((field) => fieldOf(field.name, field)));
    case "time":
      return new TimeMicrosecond();
    case "json":
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
      return new Decimal(column.scale ?? 0, column.precision ?? 38, 128);
    case "timestamp":
      return new TimestampMicrosecond("UTC");
    case "date":
      return new DateDay();
    case "bytes":
      return new Binary();
  }
}

function fieldOf(name: string, column: Column): Field {
  return new Field(name, arrowTypeOf(column), column.nullable);
}

/**
 * Returns the column that can hold every value of a field, or undefined if there is none.
 *
 * Integers of up to 16 bits become int32. Unsigned integers become int64 (32 bits) or decimal (64 bits). Float16 becomes float32. Dates and timestamps of any
 * unit and time zone become days and microseconds in UTC. Dictionaries become their values. Lists of a fixed length
 * become vectors if they contain floats, or else lists. Maps become lists of key and value.
 */
export function columnOf({ name, type, nullable }: Field): NamedColumn | undefined {
  const kind = kindOf(DataType.isDictionary(type) ? type.dictionary : type);
  if (DataType.isDictionary(type) && kind?.kind !== "string" && kind?.kind !== "bytes") return undefined;
  return kind && { name, ...kind, nullable };
}

function kindOf(type: DataType): Kind | undefined {
  if (DataType.isList(type) || isLargeList(type)) return listOf(type.children[0]);
  if (DataType.isMap(type)) return listOf(type.children[0]);
  if (DataType.isFixedSizeList(type)) {
    const list = listOf(type.children[0]);
    const element = list?.of?.kind;
    return element === "float32" || element === "float64" ? { kind: "vector", length: type.listSize, element } : list;
  }
  if (DataType.isStruct(type)) {
    const fields = type.children.flatMap((field: Field) => columnOf(field) ?? []);
    return fields.length === type.children.length && fields.length > 0 ? { kind: "struct", fields } : undefined;
  }
  if (DataType.isTime(type)) return { kind: "time" };
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

function listOf(element: Field | undefined): Kind | undefined {
  const column = element && columnOf(element);
  if (column === undefined) return undefined;
  const { name: _, ...of } = column;
  return { kind: "list", of };
}

/** Returns true for lists with 64-bit offsets, which Arrow's own guards miss. */
function isLargeList(type: DataType): boolean {
  return String(type).startsWith("LargeList<");
}
