import { type Column, column, type ScalarFunction, typeOf } from "@mlforge/spec";
import type { Kind } from "./dialect.js";

const float64: Kind = { kind: "float64" };
const int64: Kind = { kind: "int64" };

/**
 * Returns the kinds to cast the arguments of a call to, so that the engine computes in the kind that the plan promises: integers in int64, decimals
 * with 38 digits, comparisons and choices in the kind that holds every argument.
 */
export function argumentKinds(name: ScalarFunction, types: readonly Column[], result: Kind): readonly Kind[] {
  switch (name) {
    case "add":
    case "subtract":
    case "modulo":
      return types.map(() => result);
    case "multiply":
      return types.map((type) => (result.kind === "decimal" ? { kind: "decimal", precision: 38, scale: type.scale ?? 0 } : result));
    case "vector":
    case "divide":
    case "power":
    case "squareRoot":
    case "naturalLogarithm":
    case "exponential":
      return types.map(() => float64);
    case "round":
      return [float64, int64];
    case "equal":
    case "notEqual":
    case "less":
    case "lessOrEqual":
    case "greater":
    case "greaterOrEqual":
    case "in":
    case "nullIf":
    case "coalesce":
    case "least":
    case "greatest": {
      const common = commonKind(types);
      return types.map(() => common);
    }
    case "listElement":
      return types.map((type) => (type.kind === "int32" ? int64 : type));
    case "listContains": {
      // The list keeps its kind if the value can be cast to that of its elements.
      const [list, value] = types;
      if (list?.of === undefined || value === undefined) return types;
      const common = commonKind([list.of, value]);
      return [{ kind: "list", of: { ...common, nullable: list.of.nullable } }, common];
    }
    case "substring":
    case "truncate":
    case "addMicroseconds":
      return types.map((type) => (type.kind === "int32" ? int64 : type));
    default:
      return types;
  }
}

/** Returns the kind that holds all of `types`, by the rule that spec applies to `coalesce`. */
function commonKind(types: readonly Column[]): Kind {
  const schema = types.map((type, index) => ({ ...type, name: String(index) }));
  const columns = schema.map(({ name }) => column(name));
  return typeOf({ expr: "call", function: "coalesce", arguments: columns }, schema);
}
