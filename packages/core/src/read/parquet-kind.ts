import type { Column } from "@mlforge/spec";
import type { SchemaElement } from "hyparquet";

/** The kind that holds every value of a column of a Parquet file, as DuckDB reads it; or the name of a type that no kind holds. */
export function parquetKind(element: SchemaElement): Omit<Column, "nullable"> | string {
  const { type, type_length: length, repetition_type: repetition, logical_type: logical, converted_type: converted } = element;
  if (type === undefined || repetition === "REPEATED") return logical?.type.toLowerCase() ?? converted?.toLowerCase() ?? "struct";
  switch (logical?.type) {
    case "VARIANT":
    case "GEOMETRY":
    case "GEOGRAPHY":
    case "TIME":
      return logical.type.toLowerCase();
    case "UUID":
      return { kind: "string" };
    // It holds nothing but nulls, of which the file says no type.
    case "NULL":
      return { kind: "string" };
    case "FLOAT16":
      if (length === 2) return { kind: "float32" };
      break;
    case "TIMESTAMP":
      return { kind: "timestamp" };
    default:
  }
  return converted === undefined ? plainKind(type) : convertedKind(converted, element);
}

function plainKind(type: NonNullable<SchemaElement["type"]>): Omit<Column, "nullable"> {
  switch (type) {
    case "BOOLEAN":
      return { kind: "boolean" };
    case "INT32":
      return { kind: "int32" };
    case "INT64":
      return { kind: "int64" };
    case "INT96":
      return { kind: "timestamp" };
    case "FLOAT":
      return { kind: "float32" };
    case "DOUBLE":
      return { kind: "float64" };
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
      return { kind: "bytes" };
  }
}

function convertedKind(
  converted: NonNullable<SchemaElement["converted_type"]>,
  { precision = 0, scale = 0 }: SchemaElement,
): Omit<Column, "nullable"> | string {
  switch (converted) {
    case "UTF8":
    case "ENUM":
      return { kind: "string" };
    case "INT_8":
    case "INT_16":
    case "INT_32":
    case "UINT_8":
    case "UINT_16":
      return { kind: "int32" };
    case "INT_64":
    case "UINT_32":
      return { kind: "int64" };
    case "UINT_64":
      return { kind: "decimal", precision: 20, scale: 0 };
    case "DATE":
      return { kind: "date" };
    case "TIMESTAMP_MILLIS":
    case "TIMESTAMP_MICROS":
      return { kind: "timestamp" };
    case "DECIMAL":
      return precision > 38 ? `decimal(${precision}, ${scale})` : { kind: "decimal", precision, scale };
    default:
      return converted.toLowerCase();
  }
}
