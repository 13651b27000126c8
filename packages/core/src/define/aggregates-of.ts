import { type Aggregate, column, type Expression, type Project } from "@mlforge/spec";
import { freshName } from "./fresh-name.js";
import type { Aggregated, aggregateSymbol, CalledAggregate } from "./typed.js";

export type NamedAggregate = Aggregated[typeof aggregateSymbol] & { readonly name: string };

/**
 * Returns the aggregates of groups with the given values, and the columns to compute from them. `computed` is undefined if every value is an aggregate
 * itself. Equal aggregates are computed once.
 */
export function aggregatesOf(
  keys: readonly string[],
  values: readonly NamedAggregate[],
): { readonly aggregates: Aggregate["aggregates"]; readonly computed: Project["columns"] | undefined } {
  const plain = values.flatMap((value) => {
    const called = plainCall(value);
    return called === undefined ? [] : [{ name: value.name, value: called.aggregate }];
  });
  if (plain.length === values.length) return { aggregates: plain, computed: undefined };
  const names = new Map<string, string>();
  const aggregates: { readonly name: string; readonly value: CalledAggregate["aggregate"] }[] = [];
  for (const { name, aggregate } of values.flatMap(({ calls }) => calls)) {
    if (names.has(name)) continue;
    const own = freshName([...keys, ...values.map((value) => value.name), ...names.values()], "aggregate");
    names.set(name, own);
    aggregates.push({ name: own, value: aggregate });
  }
  const computed = [
    ...keys.map((key) => ({ name: key, value: column(key) })),
    ...values.map(({ name, expression }) => ({ name, value: renamed(expression, (each) => names.get(each) ?? each) })),
  ];
  return { aggregates, computed };
}

/** Returns the aggregate that a value is. Undefined if it is computed from aggregates. */
export function plainCall({ expression, calls }: NamedAggregate): CalledAggregate | undefined {
  return expression.expr === "column" ? calls.find(({ name }) => name === expression.name) : undefined;
}

/** Renames the columns of an expression over aggregates, which consists of calls. */
export function renamed(expression: Expression, nameOf: (name: string) => string): Expression {
  if (expression.expr === "column") return column(nameOf(expression.name));
  if (expression.expr !== "call") return expression;
  return { ...expression, arguments: expression.arguments.map((argument) => renamed(argument, nameOf)) };
}
