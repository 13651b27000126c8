import { type Column, elementOf, fieldsOf, isNested, type Kind, type NamedColumn, type ScalarKind, type Schema } from "@mlforge/spec";
import type { DataType, Field, Table } from "apache-arrow";
import { type RowValue, readersOf } from "../read/rows.js";
import { type LabelPart, labelsInvalid } from "./label-rows.js";
import { isWithinYears } from "./timestamp-range.js";

/** Returns true for an Arrow table. Checks the shape, since a table of another copy of Arrow is not an instance of our class. */
export function isArrowTable(labels: unknown): labels is Table {
  return typeof labels === "object" && labels !== null && "batches" in labels && "schema" in labels && "numRows" in labels;
}

/** Returns the columns of a table. Adds every column that no column type can hold to `problems`. */
export function arrowSchema({ schema }: Table, problems: string[]): Schema {
  const found = schema.fields.map((field): [Field, NamedColumn | undefined] => [field, columnOf(field)]);
  for (const [{ name, type }, column] of found) {
    if (column === undefined)
      problems.push(`column "${name}" of the table is ${String(type)}, which no column type can hold; cast or drop it`);
  }
  return found.flatMap(([, column]) => (column === undefined ? [] : [column]));
}

/** Returns the names of the timestamp columns that have no time zone. */
export function arrowLocalTimestamps({ schema }: Table): readonly string[] {
  return schema.fields.filter(({ type }) => /^Timestamp<\w+>$/.test(String(type))).map(({ name }) => name);
}

/**
 * Yields the labels of each batch of a table. Timestamps of every unit are converted to microseconds, rounded down.
 *
 * Reading a timestamp outside the years 1 to 9999 throws LABELS_INVALID.
 */
export function* labelsOfTable(table: Table, schema: Schema): Generator<LabelPart> {
  for (const batch of table.batches) {
    const readers = readersOf(batch, schema, { int64: "bigint", timestamp: "microseconds" });
    const columns = schema.map((column, index) => checked(column, readers[index]));
    yield { rows: batch.numRows, columns };
  }
}

function checked(column: NamedColumn, read: ((row: number) => RowValue) | undefined): (row: number) => RowValue {
  if (read === undefined) throw new TypeError(`column "${column.name}" has no reader`);
  if (column.kind !== "timestamp" && column.kind !== "date" && !isNested(column)) return read;
  return (row) => {
    const value = read(row);
    expectWritable(value, column, column.name);
    return value;
  };
}

/** Refuses timestamps that cannot be written, including those inside lists and structs. */
function expectWritable(value: RowValue, type: Column, name: string): void {
  if (value === null) return;
  if (Array.isArray(value)) for (const each of value) expectWritable(each, elementOf(type), name);
  else if (type.kind === "struct") {
    const members = new Map(Object.entries(value));
    for (const field of fieldsOf(type)) expectWritable(members.get(field.name) ?? null, field, name);
  }
  const milliseconds =
    value instanceof Date ? value.getTime() : type.kind === "timestamp" && typeof value === "bigint" ? value / 1_000n : 0;
  if (!isWithinYears(milliseconds)) throw labelsInvalid([`column "${name}" of the table has a ${type.kind} outside the years 1 to 9999`]);
}

const kinds: readonly (readonly [RegExp, ScalarKind])[] = [
  [/^(Dictionary<.*, )?(Large)?Utf8>?$/, "string"],
  [/^Bool$/, "boolean"],
  [/^(Int8|Int16|Int32|Uint8|Uint16)$/, "int32"],
  [/^(Int64|Uint32)$/, "int64"],
  [/^Float16$/, "float32"],
  [/^Time/, "time"],
  [/^Float32$/, "float32"],
  [/^Float64$/, "float64"],
  [/^Timestamp/, "timestamp"],
  [/^Date/, "date"],
  [/^Decimal/, "decimal"],
  [/^((Large)?Binary|FixedSizeBinary)/, "bytes"],
];

function columnOf({ name, type }: Field): NamedColumn | undefined {
  const kind = kindOf(type);
  return kind && { name, nullable: true, ...kind };
}

function kindOf(type: DataType): Kind | undefined {
  const text = String(type);
  if (/^(List|LargeList|FixedSizeList|Struct|Map)\b/.test(text)) return nestedKind(type);
  if (text === "Uint64") return { kind: "decimal", precision: 20, scale: 0 };
  // Timestamp is checked before Time, since both begin alike.
  const kind = text.startsWith("Timestamp") ? "timestamp" : kinds.find(([pattern]) => pattern.test(text))?.[1];
  if (kind !== "decimal") return kind && { kind };
  return { kind, precision: numberOf(type, "precision"), scale: numberOf(type, "scale") };
}

const vectorElements: Readonly<Record<string, "float32" | "float64">> = { Float32: "float32", Float64: "float64" };

function nestedKind(type: DataType): Kind | undefined {
  const children: readonly Field[] = type.children;
  const columns = children.flatMap((child) => columnOf(child) ?? []);
  const [first] = columns;
  if (first === undefined || columns.length < children.length) return undefined;
  if (String(type).startsWith("Struct")) return { kind: "struct", fields: columns };
  const { name: _, ...of } = first;
  const length = numberOf(type, "listSize");
  const numbers = children[0]?.nullable === false ? vectorElements[String(children[0].type)] : undefined;
  return length !== undefined && numbers !== undefined ? { kind: "vector", length, element: numbers } : { kind: "list", of };
}

function numberOf(type: DataType, property: "precision" | "scale" | "listSize"): number | undefined {
  const found: unknown = Reflect.get(type, property);
  return typeof found === "number" ? found : undefined;
}
