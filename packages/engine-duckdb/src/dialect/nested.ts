import { elementOf, fieldsOf, vectorOf } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { identifier } from "./identifier.js";
import { conform, text } from "./literal.js";
import { hasMap, type NativeType } from "./native-type.js";
import { duckdbType } from "./type.js";

/**
 * Converts a value that DuckDB read in its own type to exactly the type of a kind.
 *
 * A cast does most of it: it finds fields by name and widens nested values. It does not convert maps to lists of key and value, and does not know
 * vectors, which are lists in DuckDB.
 */
export function conformNested(sql: string, to: Kind, native?: NativeType): string {
  return convert(sql, to, native, 0);
}

function convert(sql: string, to: Kind, native: NativeType | undefined, depth: number): string {
  if (!needsCare(to, native)) return conform(sql, to);
  switch (to.kind) {
    case "vector":
      return vector(sql, to);
    case "list": {
      const element = `e${depth}`;
      const list = native?.is === "map" ? `map_entries(${sql})` : sql;
      return `list_transform(${list}, lambda ${element}: ${convert(element, elementOf(to), elementType(native), depth + 1)})`;
    }
    default: {
      const fields = fieldsOf(to).map(({ name, ...field }) => {
        const inner = native?.is === "struct" ? native.fields.find((each) => each.name === name)?.type : undefined;
        return `${identifier(name)} := ${convert(`struct_extract(${sql}, ${text(name)})`, field, inner, depth)}`;
      });
      return `CASE WHEN ${sql} IS NULL THEN NULL ELSE struct_pack(${fields.join(", ")}) END`;
    }
  }
}

/** Converts a list to a vector, after checking its length and that no number is null. */
export function vector(sql: string, to: Kind): string {
  const { length } = vectorOf(to);
  const list = conform(sql, to);
  const problem = failure(`CAST(${sql} AS VARCHAR) || ${text(` is not a vector of ${length} numbers`)}`, to);
  return `CASE WHEN len(${list}) = ${length} AND list_count(${list}) = ${length} THEN ${list} WHEN ${sql} IS NOT NULL THEN ${problem} END`;
}

/** Returns an expression of a kind that fails if it is computed. Text in quotation marks is never a number. Unlike error(), TRY accepts a cast. */
export function failure(message: string, to: Kind): string {
  return `CASE WHEN CAST('"' || ${message} || '"' AS BIGINT) = 0 THEN CAST(NULL AS ${duckdbType(to)}) END`;
}

function needsCare(to: Kind, native: NativeType | undefined): boolean {
  if (native !== undefined && hasMap(native)) return true;
  if (to.kind === "list") return needsCare(elementOf(to), undefined);
  return to.kind === "vector" || (to.kind === "struct" && fieldsOf(to).some((field) => needsCare(field, undefined)));
}

function elementType(native: NativeType | undefined): NativeType | undefined {
  if (native?.is === "list" || native?.is === "array") return native.of;
  if (native?.is !== "map") return undefined;
  const fields = [
    { name: "key", type: native.key },
    { name: "value", type: native.value },
  ];
  return { is: "struct", fields };
}
