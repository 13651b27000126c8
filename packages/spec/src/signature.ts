import type { Column } from "./column.js";
import { MlforgeError } from "./errors.js";
import type { ScalarFunction } from "./expression.js";
import { elementOf, isNested, isOrdered, isSameType, type Kind, kindOf, typeText, withNullsOf } from "./type-text.js";

type Test = (type: Kind) => boolean;
type Result = (name: string, types: readonly Column[]) => Kind;

/** The signature of a function: a test for each argument (the last one repeats up to `most`), the result type, and when the result is null. */
interface Signature {
  readonly takes: readonly Test[];
  readonly most?: number;
  readonly gives: Result;
  /** When the result is null: if an argument is (`arguments`), if every argument is (`all`), `always`, or `never`. Defaults to `arguments`. */
  readonly null?: "arguments" | "all" | "always" | "never";
}

export const isInteger: Test = ({ kind }) => kind === "int32" || kind === "int64";
const isFloat: Test = ({ kind }) => kind === "float32" || kind === "float64";
export const isNumeric: Test = (type) => isInteger(type) || isFloat(type) || type.kind === "decimal";
export const isBoolean: Test = ({ kind }) => kind === "boolean";
const isString: Test = ({ kind }) => kind === "string";
const isTimestamp: Test = ({ kind }) => kind === "timestamp";
const isTemporal: Test = ({ kind }) => kind === "timestamp" || kind === "date";
const identityKinds = ["string", "boolean", "int32", "int64", "decimal", "date", "timestamp", "bytes"];
const isIdentity: Test = ({ kind }) => identityKinds.includes(kind);
const isAny: Test = () => true;
const isList: Test = ({ kind }) => kind === "list";
const isVector: Test = ({ kind }) => kind === "vector";
const isStruct: Test = ({ kind }) => kind === "struct";
const isJson: Test = ({ kind }) => kind === "json";
const isScalar: Test = (type) => !isNested(type);

const many = Number.POSITIVE_INFINITY;
const same: Result = (_, [first]) => (first === undefined ? { kind: "float64" } : kindOf(first));
const boolean: Result = () => ({ kind: "boolean" });
const string: Result = () => ({ kind: "string" });
const int64: Result = () => ({ kind: "int64" });
const float64: Result = () => ({ kind: "float64" });
const timestamp: Result = () => ({ kind: "timestamp" });
const comparison: Result = (name, types) => {
  commonKind(name, types);
  return { kind: "boolean" };
};

const arithmetic: Signature = { takes: [isNumeric, isNumeric], gives: arithmeticKind };
const rounding: Signature = { takes: [isNumeric], gives: same };
const compare: Signature = { takes: [isAny, isAny], gives: comparison };
const compareOrder: Signature = { takes: [isOrdered, isOrdered], gives: comparison };
const logic: Signature = { takes: [isBoolean, isBoolean], most: many, gives: boolean };
const choice: Signature = { takes: [isAny, isAny], most: many, gives: commonKind, null: "all" };
const stringToString: Signature = { takes: [isString], gives: string };
const stringTest: Signature = { takes: [isString, isString], gives: boolean };
const dayPart: Signature = { takes: [isTemporal], gives: int64 };
const timePart: Signature = { takes: [isTimestamp], gives: int64 };

const signatures: Readonly<Record<ScalarFunction, Signature>> = {
  add: arithmetic,
  subtract: arithmetic,
  multiply: arithmetic,
  divide: { takes: [isNumeric, isNumeric], gives: float64, null: "always" },
  modulo: { ...arithmetic, null: "always" },
  negate: rounding,
  absolute: rounding,
  floor: rounding,
  ceiling: rounding,
  round: { takes: [isNumeric, isInteger], gives: float64 },
  squareRoot: { takes: [isNumeric], gives: float64, null: "always" },
  naturalLogarithm: { takes: [isNumeric], gives: float64, null: "always" },
  exponential: { takes: [isNumeric], gives: float64 },
  power: { takes: [isNumeric, isNumeric], gives: float64 },
  equal: compare,
  notEqual: compare,
  less: compareOrder,
  lessOrEqual: compareOrder,
  greater: compareOrder,
  greaterOrEqual: compareOrder,
  in: { ...compare, most: many },
  isNull: { takes: [isAny], gives: boolean, null: "never" },
  isNotNull: { takes: [isAny], gives: boolean, null: "never" },
  isNaN: { takes: [isNumeric], gives: boolean, null: "never" },
  and: logic,
  or: logic,
  not: { takes: [isBoolean], gives: boolean },
  coalesce: choice,
  least: { ...choice, takes: [isOrdered, isOrdered] },
  greatest: { ...choice, takes: [isOrdered, isOrdered] },
  nullIf: { takes: [isAny, isAny], gives: commonKind, null: "always" },
  lower: stringToString,
  upper: stringToString,
  trim: stringToString,
  length: { takes: [isString], gives: int64 },
  concat: { takes: [isString, isString], most: many, gives: string },
  contains: stringTest,
  startsWith: stringTest,
  endsWith: stringTest,
  matches: stringTest,
  replace: { takes: [isString, isString, isString], gives: string },
  substring: { takes: [isString, isInteger, isInteger], gives: string },
  truncate: { takes: [isTimestamp, isInteger], gives: timestamp },
  year: dayPart,
  month: dayPart,
  day: dayPart,
  dayOfWeek: dayPart,
  dayOfYear: dayPart,
  hour: timePart,
  minute: timePart,
  second: timePart,
  addMicroseconds: { takes: [isTimestamp, isInteger], gives: timestamp },
  microsecondsBetween: { takes: [isTimestamp, isTimestamp], gives: int64 },
  listLength: { takes: [isList], gives: int64 },
  listElement: { takes: [isList, isInteger], gives: (_, [list]) => elementKind(list), null: "always" },
  listContains: { takes: [isList, isAny], gives: containsKind },
  vector: { takes: [isNumeric], most: many, gives: (_, types) => ({ kind: "vector", length: types.length, element: "float64" }) },
  dotProduct: { takes: [isVector, isVector], gives: vectorsKind },
  cosineSimilarity: { takes: [isVector, isVector], gives: vectorsKind, null: "always" },
  vectorNorm: { takes: [isVector], gives: float64 },
  // The result is the type of a field, which only the expression names.
  structField: { takes: [isStruct, isString], gives: string },
  jsonValue: {
    takes: [isJson, isString, isScalar],
    gives: (_, [, , to]) => (to === undefined ? { kind: "json" } : kindOf(to)),
    null: "always",
  },
  surrogateKey: { takes: [isIdentity], most: many, gives: string, null: "never" },
};

function elementKind(list: Kind | undefined): Kind {
  return list === undefined ? { kind: "json" } : kindOf(elementOf(list));
}

function containsKind(name: string, [list, value]: readonly Column[]): Kind {
  const element = elementKind(list);
  if (value !== undefined) commonKind(name, [{ ...element, nullable: true }, value]);
  return { kind: "boolean" };
}

/** Refuses vectors of different lengths. */
function vectorsKind(name: string, [a, b]: readonly Column[]): Kind {
  if (a?.length !== b?.length) throw invalidCall(name, `needs vectors of the same length, not ${a?.length} and ${b?.length}`);
  return { kind: "float64" };
}

/** Returns the result type of a function for arguments of these types. @throws DEFINITION_INVALID */
export function callType(name: ScalarFunction, types: readonly Column[]): Column {
  const { takes, most = takes.length, gives, null: nulls = "arguments" } = signatures[name];
  if (types.length < takes.length || types.length > most) {
    throw invalidCall(name, `takes ${takes.length}${most > takes.length ? " or more" : ""} arguments, not ${types.length}`);
  }
  for (const [index, type] of types.entries()) expectKind(name, type, takes[Math.min(index, takes.length - 1)] ?? isAny);
  return { ...gives(name, types), nullable: isNullable(nulls, types) };
}

function isNullable(nulls: NonNullable<Signature["null"]>, types: readonly Column[]): boolean {
  if (nulls === "always" || nulls === "never") return nulls === "always";
  return nulls === "all" ? types.every((type) => type.nullable) : types.some((type) => type.nullable);
}

/** Returns int64 for integers and float64 if there is a float. A product of decimals has the digits of both. */
function arithmeticKind(name: string, types: readonly Column[]): Kind {
  if (types.every(isInteger)) return { kind: "int64" };
  if (types.some(isFloat)) return { kind: "float64" };
  const scales = types.map((type) => type.scale ?? 0);
  const scale = name === "multiply" ? scales.reduce((sum, digits) => sum + digits, 0) : Math.max(...scales);
  if (scale > 38) throw invalidCall(name, `would need ${scale} digits after the point; a decimal has at most 38`);
  return { kind: "decimal", precision: 38, scale };
}

/** Returns the kind that holds all of `types`: the same kind, or the widest numeric one. @throws DEFINITION_INVALID */
export function commonKind(name: string, types: readonly Column[]): Kind {
  const [first, ...rest] = types;
  if (first === undefined) throw invalidCall(name, "needs an argument");
  return rest.reduce<Kind>((wide, type) => widerKind(name, wide, type), kindOf(first));
}

function widerKind(name: string, a: Kind, b: Kind): Kind {
  if (a.kind !== "decimal" && isSameType(a, b)) return withNullsOf(a, b);
  if (!isNumeric(a) || !isNumeric(b)) throw invalidCall(name, `does not take ${typeText(a)} and ${typeText(b)} together`);
  if (isInteger(a) && isInteger(b)) return { kind: "int64" };
  if (isFloat(a) || isFloat(b)) return { kind: "float64" };
  return { kind: "decimal", precision: 38, scale: Math.max(a.scale ?? 0, b.scale ?? 0) };
}

export function expectKind(name: string, type: Column, test: Test): void {
  if (!test(type)) throw invalidCall(name, `does not take a ${typeText(type)}`);
}

export function invalidCall(name: string, reason: string): MlforgeError<"DEFINITION_INVALID"> {
  const message = `${name} ${reason}`;
  return new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path: name, message }] });
}
