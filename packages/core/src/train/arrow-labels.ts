import type { ColumnKind, NamedColumn, Schema } from "@mlforge/spec";
import type { DataType, Field, Table } from "apache-arrow";
import { rowsOf } from "../read/rows.js";
import { type LabelValues, labelsInvalid } from "./label-rows.js";
import { isWithinYears } from "./moment-range.js";

/** By shape, since a table of another copy of Arrow is no instance of ours. */
export function isArrowTable(labels: unknown): labels is Table {
  return typeof labels === "object" && labels !== null && "batches" in labels && "schema" in labels && "numRows" in labels;
}

/** The columns of a table. Every column whose type no kind holds is added to `problems`. */
export function arrowSchema({ schema }: Table, problems: string[]): Schema {
  const found = schema.fields.map((field): [Field, NamedColumn | undefined] => [field, columnOf(field)]);
  for (const [{ name, type }, column] of found) {
    if (column === undefined)
      problems.push(`column "${name}" of the table is ${String(type)}, which no column kind holds; cast or drop it`);
  }
  return found.flatMap(([, column]) => (column === undefined ? [] : [column]));
}

/** The timestamps of a table that have no time zone. */
export function arrowLocalTimestamps({ schema }: Table): readonly string[] {
  return schema.fields.filter(({ type }) => /^Timestamp<\w+>$/.test(String(type))).map(({ name }) => name);
}

/**
 * The values of each row of a table. Timestamps of every unit become microseconds, rounded down.
 *
 * @throws LABELS_INVALID for a moment outside of the years 1 to 9999
 */
export function* arrowRows(table: Table, schema: Schema): Generator<LabelValues> {
  const scales = new Map(table.schema.fields.map(({ name, type }) => [name, microsecondScale(type)]));
  for (const batch of table.batches) {
    for (const row of rowsOf(batch, schema, { int64: "bigint", timestamp: "microseconds" })) {
      yield schema.map(({ name, kind }) => {
        const value = row[name] ?? null;
        const exact = kind === "timestamp" && typeof value === "bigint" ? (scales.get(name)?.(value) ?? value) : value;
        const milliseconds =
          exact instanceof Date ? exact.getTime() : kind === "timestamp" && typeof exact === "bigint" ? exact / 1_000n : 0;
        if (!isWithinYears(milliseconds))
          throw labelsInvalid([`column "${name}" of the table holds a ${kind} outside of the years 1 to 9999`]);
        return exact;
      });
    }
  }
}

const kinds: readonly (readonly [RegExp, ColumnKind])[] = [
  [/^(Dictionary<.*, )?(Large)?Utf8>?$/, "string"],
  [/^Bool$/, "boolean"],
  [/^(Int8|Int16|Int32|Uint8|Uint16)$/, "int32"],
  [/^Int64$/, "int64"],
  [/^Float32$/, "float32"],
  [/^Float64$/, "float64"],
  [/^Timestamp/, "timestamp"],
  [/^Date/, "date"],
  [/^Decimal/, "decimal"],
  [/^(Large)?Binary$/, "bytes"],
];

function columnOf({ name, type }: Field): NamedColumn | undefined {
  const kind = kinds.find(([pattern]) => pattern.test(String(type)))?.[1];
  if (kind === undefined) return undefined;
  const digits = kind === "decimal" ? { precision: digitsOf(type, "precision"), scale: digitsOf(type, "scale") } : {};
  return { name, kind, nullable: true, ...digits };
}

function digitsOf(type: DataType, property: "precision" | "scale"): number | undefined {
  const digits: unknown = Reflect.get(type, property);
  return typeof digits === "number" ? digits : undefined;
}

function microsecondScale(type: DataType): (value: bigint) => bigint {
  const text = String(type);
  if (text.startsWith("Timestamp<SECOND")) return (value) => value * 1_000_000n;
  if (text.startsWith("Timestamp<MILLISECOND")) return (value) => value * 1_000n;
  if (text.startsWith("Timestamp<NANOSECOND")) return (value) => (value - (((value % 1_000n) + 1_000n) % 1_000n)) / 1_000n;
  return (value) => value;
}
