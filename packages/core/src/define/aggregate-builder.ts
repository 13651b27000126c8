import {
  type AggregateCall,
  call,
  column,
  type Expression,
  type ScalarFunction,
  type Schema,
  typeOf,
  typeOfAggregate,
} from "@mlforge/spec";
import { encodeConstant } from "./constant.js";
import { definitionInvalid } from "./definition-issues.js";
import { type Aggregated, aggregateSymbol, type CalledAggregate, isAggregated, isTyped } from "./typed.js";

/** Implements aggregates and the arithmetic on them. Checks at run time, with the types of the plan, that a method fits the kind. */
export class AggregateBuilder implements Aggregated {
  readonly [aggregateSymbol]: Aggregated[typeof aggregateSymbol];

  /** Wraps an expression over the values of `calls`, by name. @throws DEFINITION_INVALID if the expression does not fit the calls */
  constructor(expression: Expression, calls: readonly CalledAggregate[], rows: Schema | undefined) {
    const schema = calls.map(({ name, type }) => ({ ...type, name }));
    this[aggregateSymbol] = { expression, calls, rows, type: typeOf(expression, schema) };
  }

  plus(other: unknown): AggregateBuilder {
    return this.#beside("add", other);
  }
  minus(other: unknown): AggregateBuilder {
    return this.#beside("subtract", other);
  }
  times(other: unknown): AggregateBuilder {
    return this.#beside("multiply", other);
  }
  dividedBy(other: unknown): AggregateBuilder {
    return this.#beside("divide", other);
  }
  coalesce(other: unknown): AggregateBuilder {
    return this.#beside("coalesce", other);
  }
  abs(): AggregateBuilder {
    return this.#beside("absolute");
  }
  round(digits = 0): AggregateBuilder {
    if (!Number.isInteger(digits) || Math.abs(digits) > 38)
      throw definitionInvalid("round", `round needs an integer from -38 to 38, got ${digits}`);
    const { expression, calls, rows } = this[aggregateSymbol];
    return new AggregateBuilder(call("round", expression, encodeConstant(digits, "int64")), calls, rows);
  }
  sqrt(): AggregateBuilder {
    return this.#beside("squareRoot");
  }
  log(): AggregateBuilder {
    return this.#beside("naturalLogarithm");
  }
  microsecondsUntil(other: unknown): AggregateBuilder {
    return this.#beside("microsecondsBetween", other);
  }

  #beside(name: ScalarFunction, ...others: readonly unknown[]): AggregateBuilder {
    const own = this[aggregateSymbol];
    const values = others.map((other) => this.#operand(other));
    const all = [own, ...values];
    const [rows, ...foreign] = new Set(all.flatMap((each) => (each.rows === undefined ? [] : [each.rows])));
    if (foreign.length > 0)
      throw definitionInvalid("aggregate", "an aggregate is combined with one of another relation; join that relation first");
    const calls = [...new Map(all.flatMap((each) => each.calls).map((each) => [each.name, each])).values()];
    return new AggregateBuilder(call(name, ...all.map(({ expression }) => expression)), calls, rows);
  }

  #operand(other: unknown): Pick<Aggregated[typeof aggregateSymbol], "expression" | "calls" | "rows"> {
    if (isAggregated(other)) return other[aggregateSymbol];
    if (isTyped(other))
      throw definitionInvalid(
        "aggregate",
        "an aggregate is combined with a value of single rows: aggregate it with .sum(), .max(), or another aggregate",
      );
    return { expression: encodeConstant(other, this[aggregateSymbol].type.kind), calls: [], rows: undefined };
  }
}

/** Creates an aggregate of rows. @throws DEFINITION_INVALID if its function does not take its arguments */
export function aggregateOf(aggregate: AggregateCall, rows: Schema | undefined): AggregateBuilder {
  const name = JSON.stringify(aggregate);
  return new AggregateBuilder(column(name), [{ name, aggregate, type: typeOfAggregate(aggregate, rows ?? []) }], rows);
}
