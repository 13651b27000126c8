import type { CheckedChoice, Choice, ChoiceKind, FitsBeside, MayBeNull } from "./choice.js";
import { chooseFrom } from "./choose-from.js";
import { definitionInvalid } from "./definition-issues.js";
import type { ExprOf } from "./expr.js";
import { ExpressionBuilder, expressionOf, sharedRows } from "./expression-builder.js";
import type { Settled } from "./plain-constant.js";
import { isTyped, type Typed } from "./typed.js";

/** Conditions with their values, not yet completed by `otherwise`. */
export interface When<V> {
  /** Adds the value for rows in which `condition` is the first true condition. */
  when<W extends FitsBeside<V>>(condition: Typed<"boolean">, value: W): When<V | Settled<W>>;
  /** Completes the expression with the value for rows in which no condition is true. */
  otherwise<W extends FitsBeside<V>>(value: W & CheckedChoice<V | Settled<W>>): ExprOf<ChoiceKind<V | W>, MayBeNull<V | W>>;
}

/**
 * Chooses a value by conditions: `when(delay.gt(15), "late").otherwise("on time")`.
 *
 * Constants take the kind of the expressions beside them; `null` is allowed. Without an expression, safe integers are int64 and a number that is
 * none makes all float64: `when(late, 1).otherwise(0)` is int64.
 */
export function when<V extends Choice>(condition: Typed<"boolean">, value: V): When<Settled<V>>;
export function when(condition: unknown, value: unknown): unknown {
  return new WhenBuilder([{ condition, value }]);
}

class WhenBuilder {
  readonly #branches: readonly { readonly condition: unknown; readonly value: unknown }[];

  constructor(branches: readonly { readonly condition: unknown; readonly value: unknown }[]) {
    this.#branches = branches;
  }

  when(condition: unknown, value: unknown): WhenBuilder {
    return new WhenBuilder([...this.#branches, { condition, value }]);
  }

  otherwise(value: unknown): ExpressionBuilder {
    const conditions = this.#branches.map(({ condition }) => checkCondition(condition));
    const values = chooseFrom([...this.#branches.map((branch) => branch.value), value]);
    const [otherwise, ...reversed] = values.map(expressionOf).reverse();
    const branches = reversed.reverse().flatMap((then, index) => {
      const condition = conditions[index];
      return condition === undefined ? [] : [{ when: expressionOf(condition), then }];
    });
    if (otherwise === undefined) throw definitionInvalid("when", "when needs a value");
    return new ExpressionBuilder({ expr: "case", branches, otherwise }, sharedRows([...conditions, ...values]));
  }
}

function checkCondition(condition: unknown): Typed {
  if (isTyped(condition)) return condition;
  throw definitionInvalid("when", "when needs an expression as its condition, such as delay.gt(15)");
}
