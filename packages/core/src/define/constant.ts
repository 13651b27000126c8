import { type Column, type ColumnKind, isNested, type Literal, type ScalarKind } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";

/** A constant that can be written in place of an expression. */
export type PlainConstant = string | number | bigint | boolean | Date | Uint8Array;

/** The kind of a constant if no other is given. */
export type ConstantKind<V> = V extends string
  ? "string"
  : V extends number
    ? "float64"
    : V extends bigint
      ? "int64"
      : V extends boolean
        ? "boolean"
        : V extends Date
          ? "timestamp"
          : V extends Uint8Array
            ? "bytes"
            : never;

/** Encodes a constant as a literal of the given kind. @throws DEFINITION_INVALID if the value has another kind or cannot be stored exactly */
export function encodeConstant(constant: unknown, kind: ColumnKind): Literal {
  return { expr: "literal", kind: scalar(kind), value: encode(constant, scalar(kind)) };
}

function scalar(kind: ColumnKind): ScalarKind {
  if (isScalar(kind)) return kind;
  throw definitionInvalid("constant", `a ${kind} cannot be written as a constant; use a column`);
}

function isScalar(kind: ColumnKind): kind is ScalarKind {
  return !isNested({ kind });
}

/** Returns the kind of a constant that has no column beside it. Numbers are float64. */
export function kindOfConstant(constant: unknown): ScalarKind {
  switch (typeof constant) {
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "number":
      return "float64";
    case "bigint":
      return "int64";
  }
  if (isDate(constant)) return "timestamp";
  if (constant instanceof Uint8Array) return "bytes";
  throw invalid(constant, "is not a constant; use a string, boolean, number, bigint, Date, or Uint8Array");
}

/** Returns the null literal of a kind. */
export function nullOf({ kind }: Pick<Column, "kind">): Literal {
  return { expr: "literal", kind: scalar(kind), value: null };
}

function encode(constant: unknown, kind: ScalarKind): string {
  if (constant === null || constant === undefined) throw invalid(constant, "is not allowed here; use isNull() to find nulls");
  switch (kind) {
    case "string":
      if (typeof constant !== "string") throw unfit(constant, kind);
      if (/\p{Surrogate}/u.test(constant)) throw invalid(constant, "has a lone surrogate, which UTF-8 cannot encode");
      return constant;
    case "boolean":
      if (typeof constant !== "boolean") throw unfit(constant, kind);
      return String(constant);
    case "int32":
    case "int64":
      return encodeInteger(constant, kind);
    case "float32":
    case "float64":
      return encodeFloat(constant, kind);
    case "decimal":
      return encodeDecimal(constant);
    case "timestamp":
      return `${isoDate(constant, kind).slice(0, -1)}000Z`;
    case "date": {
      const iso = isoDate(constant, kind);
      if (!iso.endsWith("T00:00:00.000Z"))
        throw invalid(iso, "is not a date: it has a time of day; use midnight UTC, or compare timestamps");
      return iso.slice(0, 10);
    }
    case "bytes":
      if (!(constant instanceof Uint8Array)) throw unfit(constant, kind);
      return Buffer.from(constant.buffer, constant.byteOffset, constant.byteLength).toString("base64");
    case "time":
      return encodeTime(constant);
    case "json":
      return encodeJson(constant);
  }
}

const integerBits = { int32: 32, int64: 64 } as const;

function encodeInteger(constant: unknown, kind: "int32" | "int64"): string {
  if (typeof constant === "number" && !Number.isInteger(constant)) {
    throw invalid(constant, `is not an integer, and the column beside it is ${kind}; cast the column to float64 first`);
  }
  if (typeof constant === "number" && !Number.isSafeInteger(constant)) {
    throw invalid(constant, "is beyond 2^53, where a number loses digits; use a bigint");
  }
  if (typeof constant !== "number" && typeof constant !== "bigint") throw unfit(constant, kind);
  const integer = BigInt(constant);
  if (BigInt.asIntN(integerBits[kind], integer) !== integer) {
    throw invalid(constant, `does not fit in ${kind}; cast the column to ${kind === "int32" ? "int64" : "decimal"} first`);
  }
  return String(integer);
}

function encodeFloat(constant: unknown, kind: "float32" | "float64"): string {
  if (typeof constant !== "number") throw unfit(constant, kind);
  if (kind === "float32" && Number.isFinite(constant) && !Number.isFinite(Math.fround(constant))) {
    throw invalid(constant, "does not fit in float32; cast the column to float64 first");
  }
  return Object.is(constant, -0) ? "-0" : String(constant);
}

function encodeDecimal(constant: unknown): string {
  if (typeof constant !== "string" && typeof constant !== "number" && typeof constant !== "bigint") throw unfit(constant, "decimal");
  if (typeof constant === "number" && Number.isInteger(constant) && !Number.isSafeInteger(constant)) {
    throw invalid(constant, "is beyond 2^53, where a number loses digits; use a bigint or a string");
  }
  const text = String(Object.is(constant, -0) ? 0 : constant);
  const match = /^-?(?=\d)0*(\d*)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw invalid(constant, 'is not a decimal; write its digits, such as "12.50"');
  const [, whole = "", fraction = ""] = match;
  if (whole.length + fraction.length > 38) throw invalid(constant, "has more than 38 digits, the most a decimal can have");
  return text;
}

function encodeTime(constant: unknown): string {
  if (typeof constant !== "string") throw unfit(constant, "time");
  const [, minutes, seconds = ":00", fraction = ""] = /^((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?(?:\.(\d{1,6}))?$/.exec(constant) ?? [];
  if (minutes === undefined) throw invalid(constant, 'is not a time of day; write it as "08:30:00"');
  return `${minutes}${seconds}.${fraction.padEnd(6, "0")}`;
}

function encodeJson(constant: unknown): string {
  if (typeof constant !== "string") throw unfit(constant, "json");
  try {
    JSON.parse(constant);
  } catch {
    throw invalid(constant, "is not JSON text; use JSON.stringify");
  }
  return constant;
}

function isoDate(constant: unknown, kind: ColumnKind): string {
  if (!isDate(constant)) throw unfit(constant, kind);
  if (Number.isNaN(constant.getTime())) throw invalid(constant, "is an invalid Date");
  const iso = constant.toISOString();
  if (iso.length !== 24) throw invalid(iso, "is outside the years 0000 to 9999");
  return iso;
}

function isDate(constant: unknown): constant is Date {
  return constant instanceof Date;
}

function unfit(constant: unknown, kind: ColumnKind): Error {
  return invalid(constant, `is not a value of kind ${kind}`);
}

function invalid(constant: unknown, reason: string): Error {
  return definitionInvalid("constant", `${show(constant)} ${reason}`);
}

function show(constant: unknown): string {
  if (typeof constant === "bigint") return `${constant}n`;
  if (typeof constant === "string") return JSON.stringify(constant.slice(0, 60));
  if (typeof constant === "object" && constant !== null && !isDate(constant)) return `this ${constant.constructor?.name ?? "object"}`;
  return String(constant);
}
