import { definitionInvalid } from "./definition-issues.js";
import { call, constantOf, nullConstant } from "./expression-builder.js";
import { plainKind } from "./plain-constant.js";
import { isTyped, type Typed, valueSymbol } from "./typed.js";

/** Converts constants and nulls to the kind of the expressions beside them. Keeps expressions. */
export function chooseFrom(values: readonly unknown[]): readonly Typed[] {
  const expressions = values.filter(isTyped);
  const given = values.filter((value) => value !== null);
  const beside = expressions.length > 0 ? expressions : given.map((constant) => constantOf(constant, plainKind(constant)));
  const [first] = beside;
  if (first === undefined) throw definitionInvalid("expression", "at least one value must not be null; use literal(null, kind)");
  const { type } = (beside.length === 1 ? first : call("coalesce", ...beside))[valueSymbol];
  return values.map((value) => {
    if (isTyped(value)) return value;
    return value === null ? nullConstant(type) : constantOf(value, type.kind);
  });
}
