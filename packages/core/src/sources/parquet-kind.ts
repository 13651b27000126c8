import type { Kind, NamedColumn } from "@mlforge/spec";
import type { SchemaElement } from "hyparquet";

/** An element of a Parquet schema, and the elements inside it. */
export interface SchemaNode {
  readonly element: SchemaElement;
  readonly children: readonly SchemaNode[];
}

/** Returns the kind that holds every value of a Parquet column, as DuckDB reads it, or the name of a type that no kind can hold. */
export function parquetKind(node: SchemaNode, parent?: SchemaNode): Kind | string {
  const { element, children } = node;
  const isRepeated = element.repetition_type === "REPEATED";
  if (element.type !== undefined) return isRepeated ? listOf(leafKind(element)) : leafKind(element);
  const { logical_type: logical } = element;
  if (logical?.type === "VARIANT") return "variant";
  const fields: NamedColumn[] = [];
  for (const child of children) {
    const kind = parquetKind(child, node);
    if (typeof kind === "string") return kind;
    fields.push({ name: child.element.name, ...kind, nullable: true });
  }
  const [first, second] = fields;
  if (first === undefined) return "struct";
  if (isEntries(node, parent) && second !== undefined) {
    return listOf({
      kind: "struct",
      fields: [
        { ...first, name: "key" },
        { ...second, name: "value" },
      ],
    });
  }
  // The only child of a list represents the list. The same is true for the only child of a repeated element.
  const wraps = fields.length === 1 && (isRepeated || isListOrMap(element));
  const { name: _, nullable: __, ...only } = first;
  const kind: Kind = wraps ? only : { kind: "struct", fields };
  return isRepeated ? listOf(kind) : kind;
}

function listOf(kind: Kind | string): Kind | string {
  return typeof kind === "string" ? kind : { kind: "list", of: { ...kind, nullable: true } };
}

/** Returns true if these are the keys and values of a map. */
function isEntries({ element }: SchemaNode, parent: SchemaNode | undefined): boolean {
  if (element.converted_type === "MAP_KEY_VALUE") return true;
  return parent !== undefined && (parent.element.converted_type === "MAP" || parent.element.logical_type?.type === "MAP");
}

function isListOrMap({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === "LIST" || converted === "MAP" || logical?.type === "LIST" || logical?.type === "MAP";
}

function leafKind(element: SchemaElement): Kind | string {
  const { type, type_length: length, logical_type: logical, converted_type: converted } = element;
  if (type === undefined) return "struct";
  switch (logical?.type) {
    case "GEOMETRY":
    case "GEOGRAPHY":
      return logical.type.toLowerCase();
    case "TIME":
      return logical.isAdjustedToUTC ? "time with time zone" : { kind: "time" };
    case "JSON":
      return { kind: "json" };
    case "UUID":
      return { kind: "string" };
    // It contains only nulls, and the file does not state their type.
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

function plainKind(type: NonNullable<SchemaElement["type"]>): Kind {
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
): Kind | string {
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
    case "TIME_MILLIS":
    case "TIME_MICROS":
      return { kind: "time" };
    case "JSON":
      return { kind: "json" };
    case "TIMESTAMP_MILLIS":
    case "TIMESTAMP_MICROS":
      return { kind: "timestamp" };
    case "DECIMAL":
      return precision > 38 ? `decimal(${precision}, ${scale})` : { kind: "decimal", precision, scale };
    default:
      return converted.toLowerCase();
  }
}
