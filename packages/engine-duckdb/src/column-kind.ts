import { type Column, type ColumnKind, elementOf, fieldsOf, type ScalarKind, vectorOf } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { type NativeType, nativeType } from "./dialect/native-type.js";

const kinds: Readonly<Record<string, ScalarKind>> = {
  VARCHAR: "string",
  UUID: "string",
  BOOLEAN: "boolean",
  TINYINT: "int32",
  SMALLINT: "int32",
  INTEGER: "int32",
  UTINYINT: "int32",
  USMALLINT: "int32",
  BIGINT: "int64",
  UINTEGER: "int64",
  FLOAT: "float32",
  DOUBLE: "float64",
  TIMESTAMP: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamp",
  DATE: "date",
  BLOB: "bytes",
  TIME: "time",
  TIME_NS: "time",
  JSON: "json",
};

const digits: Readonly<Record<string, number>> = { UBIGINT: 20, HUGEINT: 38 };

/** Returns the kind that holds every value of a DuckDB type, given by name, or `undefined` if there is none. */
export function columnKind(type: string): Kind | undefined {
  return kindOfNative(nativeType(type));
}

function kindOfNative(type: NativeType): Kind | undefined {
  switch (type.is) {
    case "plain":
      return scalarKind(type.name);
    case "list": {
      const of = nullable(kindOfNative(type.of));
      return of && { kind: "list", of };
    }
    case "array":
      return arrayKind(type);
    case "struct":
      return structKind(type.fields);
    case "map": {
      const fields = structKind([
        { name: "key", type: type.key },
        { name: "value", type: type.value },
      ]);
      return fields && { kind: "list", of: { ...fields, nullable: true } };
    }
  }
}

function scalarKind(type: string): Kind | undefined {
  const kind = kinds[type];
  if (kind !== undefined) return { kind };
  const precision = digits[type];
  if (precision !== undefined) return { kind: "decimal", precision, scale: 0 };
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  return type.startsWith("ENUM(") ? { kind: "string" } : undefined;
}

/** Returns a vector for arrays of floats, and a list for other arrays. */
function arrayKind({ of, length }: Extract<NativeType, { is: "array" }>): Kind | undefined {
  const element = nullable(kindOfNative(of));
  if (element?.kind === "float32" || element?.kind === "float64") return { kind: "vector", length, element: element.kind };
  return element && { kind: "list", of: element };
}

function structKind(fields: Extract<NativeType, { is: "struct" }>["fields"]): Kind | undefined {
  const found = fields.flatMap(({ name, type }) => {
    const column = nullable(kindOfNative(type));
    return column === undefined ? [] : [{ name, ...column }];
  });
  return found.length === fields.length ? { kind: "struct", fields: found } : undefined;
}

function nullable(kind: Kind | undefined): Column | undefined {
  return kind && { ...kind, nullable: true };
}

/** Returns true if a column of the kind `to` holds every value of the kind `from`. */
export function holds(to: Kind, from: Kind): boolean {
  if (to.kind === "decimal") {
    const wanted = integerDigits[from.kind] ?? (from.kind === "decimal" ? (from.precision ?? 38) - (from.scale ?? 0) : undefined);
    return wanted !== undefined && (to.scale ?? 0) >= (from.scale ?? 0) && (to.precision ?? 38) - (to.scale ?? 0) >= wanted;
  }
  if (to.kind === "list" && from.kind === "list") return holds(elementOf(to), elementOf(from));
  if (to.kind === "struct" && from.kind === "struct") {
    return fieldsOf(to).every(({ name, ...field }) => {
      const found = fieldsOf(from).find((each) => each.name === name);
      return found !== undefined && holds(field, found);
    });
  }
  if (to.kind === "vector") {
    if (from.kind === "list") return holds({ kind: vectorOf(to).element }, elementOf(from));
    return from.kind === "vector" && to.length === from.length && holds({ kind: vectorOf(to).element }, { kind: vectorOf(from).element });
  }
  if (to.kind === "list" && from.kind === "vector") return holds(elementOf(to), { kind: vectorOf(from).element });
  return to.kind === from.kind || (widened[from.kind] ?? []).includes(to.kind);
}

const integerDigits: Readonly<Partial<Record<ColumnKind, number>>> = { int32: 10, int64: 19 };

const widened: Readonly<Partial<Record<ColumnKind, readonly ColumnKind[]>>> = {
  int32: ["int64", "float64"],
  float32: ["float64"],
  date: ["timestamp"],
  // Text that is not JSON fails when it is read.
  string: ["json"],
};
