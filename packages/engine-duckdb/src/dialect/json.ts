import { elementOf, fieldsOf, typeText, vectorOf } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { identifier } from "./identifier.js";
import { text } from "./literal.js";
import { failure, vector } from "./nested.js";
import { duckdbType } from "./type.js";

/** Reads a scalar kind from text. */
type FromText = (sql: string, to: Kind) => string;

/** Marks every number in the JSON text to parse. Text that contains this character is refused. */
const mark = "\\u0001";

/**
 * Reads a value of a nested kind from JSON text.
 *
 * DuckDB parses JSON numbers as doubles. One pass over the text therefore turns each number into a string with a mark in front, which is read from its digits.
 * Text that is not JSON, or contains anything that is not of the type, is an error.
 */
export function nestedFromText(sql: string, to: Kind, fromText: FromText): string {
  const isReadable = `json_valid(${sql}) AND ${isUnmarked(sql)}`;
  return `CASE WHEN ${isReadable} THEN ${fromJson(marked(sql), to, fromText, 0)} WHEN ${sql} IS NOT NULL THEN ${unfit(sql, to)} END`;
}

/** Reads the value at a JSON pointer, in the same way as {@link nestedFromText}. */
export function jsonValue(json: string, pointer: string, to: Kind, fromText: FromText): string {
  const found = `coalesce(json_extract(${marked(json)}, ${pointer}), CAST('null' AS JSON))`;
  return `CASE WHEN ${isUnmarked(json)} THEN ${fromJson(found, to, fromText, 0)} WHEN ${json} IS NOT NULL THEN ${unfit(json, to)} END`;
}

/** Marks the numbers. The digit at the end makes every match begin where the previous one ended. */
function marked(sql: string): string {
  const quoted = `regexp_replace(${sql} || '0', ${text(numbers)}, ${text(`\\1"\\${mark}\\2"`)}, 'g')`;
  return `CAST(left(${quoted}, -${mark.length + 3}) AS JSON)`;
}

function isUnmarked(sql: string): string {
  return `NOT contains(${sql}, ${text(mark)}) AND NOT contains(${sql}, chr(1))`;
}

/** Matches everything outside strings that is not a number, followed by a number. */
const numbers = `((?:"(?:[^"\\\\]|\\\\.)*"|[^"0-9-])*)(-?[0-9][0-9.eE+-]*)`;

function fromJson(json: string, to: Kind, fromText: FromText, depth: number): string {
  // Bind the value to a name, because DuckDB computes an expression as often as it is written.
  const name = `j${depth}`;
  return `list_transform([${json}], lambda ${name}: ${fromNamed(name, to, fromText, depth)})[1]`;
}

function fromNamed(json: string, to: Kind, fromText: FromText, depth: number): string {
  const type = `json_type(${json})`;
  const nothing = `CAST(NULL AS ${duckdbType(to)})`;
  if (to.kind === "json") return `CASE WHEN ${type} = 'NULL' THEN ${nothing} ELSE CAST(${unmarked(json)} AS JSON) END`;
  const [found, value] = readAs(json, to, fromText, depth);
  return `CASE ${type} WHEN 'NULL' THEN ${nothing} WHEN '${found}' THEN ${value} ELSE ${unfit(unmarked(json), to)} END`;
}

/** Returns the JSON type that a kind is written as, and the SQL that reads its value. */
function readAs(json: string, to: Kind, fromText: FromText, depth: number): readonly [found: string, value: string] {
  const elements = (of: Kind): string => {
    const element = `i${depth}`;
    return `list_transform(json_extract(${json}, '$[*]'), lambda ${element}: ${fromJson(element, of, fromText, depth + 1)})`;
  };
  const problem = unfit(unmarked(json), to);
  switch (to.kind) {
    case "list":
      return ["ARRAY", elements(elementOf(to))];
    case "vector": {
      const { length, element } = vectorOf(to);
      const list = `CASE WHEN json_array_length(${json}) <> ${length} THEN ${problem} ELSE ${elements({ kind: element })} END`;
      return ["ARRAY", `list_transform([${list}], lambda v${depth}: ${vector(`v${depth}`, to)})[1]`];
    }
    case "struct": {
      const fields = fieldsOf(to).map(({ name, ...field }) => {
        const value = `coalesce(json_extract(${json}, ${text(pointer(name))}), CAST('null' AS JSON))`;
        return `${identifier(name)} := ${fromJson(value, field, fromText, depth + 1)}`;
      });
      const names = fieldsOf(to).map(({ name }) => text(name));
      const keys = `json_keys(${json})`;
      const isKnown = `list_has_all([${names.join(", ")}], ${keys}) AND list_unique(${keys}) = len(${keys})`;
      return ["OBJECT", `CASE WHEN ${isKnown} THEN struct_pack(${fields.join(", ")}) ELSE ${problem} END`];
    }
    case "boolean":
      return ["BOOLEAN", `CAST(CAST(${json} AS VARCHAR) AS BOOLEAN)`];
    default: {
      const value = `json_extract_string(${json}, '$')`;
      const isNumber = `starts_with(${value}, chr(1))`;
      if (!numberKinds.includes(to.kind)) return ["VARCHAR", `CASE WHEN ${isNumber} THEN ${problem} ELSE ${fromText(value, to)} END`];
      return ["VARCHAR", fromText(`CASE WHEN ${isNumber} THEN substring(${value}, 2) ELSE ${value} END`, to)];
    }
  }
}

/** Kinds that are written as numbers, or as strings of their digits so that no reader rounds them. */
const numberKinds: readonly string[] = ["int32", "int64", "float32", "float64", "decimal"];

/** Removes the marks of numbers. */
function unmarked(json: string): string {
  return `regexp_replace(CAST(${json} AS VARCHAR), ${text(`"\\${mark}([^"]*)"`)}, '\\1', 'g')`;
}

function unfit(value: string, to: Kind): string {
  return failure(`left(${value}, 100) || ${text(` is not a ${typeText(to)}`)}`, to);
}

/** Returns the JSON pointer to a member of an object. */
function pointer(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Prints a value as JSON text that loses nothing: numbers with all digits, NaN and the infinities as strings, bytes as base64. */
export function jsonText(sql: string, type: Kind): string {
  return textOf(sql, type, 0);
}

function textOf(sql: string, type: Kind, depth: number): string {
  switch (type.kind) {
    case "list":
      return joined(sql, elementOf(type), depth);
    case "vector":
      return joined(sql, { kind: vectorOf(type).element }, depth);
    case "struct": {
      const fields = fieldsOf(type).map(({ name, ...field }) => {
        const value = textOf(`struct_extract(${sql}, ${text(name)})`, field, depth);
        return `${text(`${JSON.stringify(name)}:`)} || coalesce(${value}, 'null')`;
      });
      return `CASE WHEN ${sql} IS NOT NULL THEN '{' || ${fields.join(" || ',' || ")} || '}' END`;
    }
    case "string":
      return `CAST(to_json(${sql}) AS VARCHAR)`;
    case "float32":
    case "float64":
      return `CASE WHEN isfinite(${sql}) THEN CAST(${sql} AS VARCHAR) WHEN isnan(${sql}) THEN '"NaN"' WHEN ${sql} > 0 THEN '"Infinity"' WHEN ${sql} < 0 THEN '"-Infinity"' END`;
    case "decimal":
      // DuckDB omits a zero before the point.
      return `regexp_replace(CAST(${sql} AS VARCHAR), '^(-?)[.]', '\\10.')`;
    case "timestamp":
      return `'"' || strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%fZ') || '"'`;
    case "bytes":
      return `'"' || to_base64(${sql}) || '"'`;
    case "date":
    case "time":
      return `'"' || CAST(${sql} AS VARCHAR) || '"'`;
    case "boolean":
    case "int32":
    case "int64":
    case "json":
      return `CAST(${sql} AS VARCHAR)`;
  }
}

function joined(list: string, of: Kind, depth: number): string {
  const element = `e${depth}`;
  const texts = `list_transform(${list}, lambda ${element}: coalesce(${textOf(element, of, depth + 1)}, 'null'))`;
  return `'[' || array_to_string(${texts}, ',') || ']'`;
}
