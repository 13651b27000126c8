import type { Expression, Plan } from "@mlforge/spec";
import * as fc from "fast-check";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import type { Relation } from "../../src/define/relation.js";
import { contentOf, relationOf } from "../../src/define/relation-builder.js";
import { source } from "../../src/define/source.js";

type Value = number | null;
type Row = Readonly<Record<string, Value>>;
type Loose = Relation<Readonly<Record<string, ReturnType<typeof t.int64>>>>;

const columns = { a: t.int64(), b: t.int64(), c: t.int64() };
const left = source({ name: "left", path: "left.csv", columns });
const right = source({ name: "right", path: "right.csv", columns });

/** A few rows for the sources of {@link smallPlan}, with many equal values and some nulls. */
export const tables: fc.Arbitrary<Readonly<Record<string, readonly Row[]>>> = fc.record({ left: rows(), right: rows() });

function rows(): fc.Arbitrary<readonly Row[]> {
  const value = fc.option(fc.integer({ min: 0, max: 2 }), { freq: 6 });
  return fc.array(fc.record({ a: value, b: value, c: value }), { maxLength: 7 });
}

/** Plans made of up to six operations on integers. */
export const smallPlan: fc.Arbitrary<Plan> = fc
  .array(fc.tuple(fc.constantFrom("filter", "derive", "select", "group", "join", "union", "distinct"), fc.nat(), fc.nat(), fc.nat()), {
    maxLength: 6,
  })
  .map((steps) => {
    const start: unknown = relationOf(left, () => []);
    const content = contentOf(steps.reduce((relation, [step, ...picks], index) => apply(relation, step, picks, index), start as Loose));
    if (content === undefined) throw new TypeError("no relation");
    return content.plan;
  });

function apply(relation: Loose, step: string, [first, second, third]: readonly [number, number, number], index: number): Loose {
  const names = (contentOf(relation)?.schema ?? []).map(({ name }) => name);
  const pick = (at: number): string => names[at % names.length] ?? "";
  const some = [...new Set([pick(first), pick(second)])];
  const unknown: unknown = (() => {
    switch (step) {
      case "filter":
        return relation.filter((row) => row[pick(first)].gte(third % 3));
      case "derive":
        return relation.derive((row) => ({ [third % 2 === 0 ? `d${index}` : pick(third)]: row[pick(first)].plus(row[pick(second)]) }));
      case "select":
        return third % 2 === 0 ? relation.select(...some) : relation.select({ [`s${index}`]: pick(first) }, pick(second));
      case "group":
        return relation.groupBy(...some).aggregate((row) => ({ [`n${index}`]: count(), [`m${index}`]: row[pick(third)].max() }));
      case "join": {
        const other = relationOf(right, () => []).select({ [`r${index}`]: "a", [`q${index}`]: "b" });
        const unique = other.groupBy(`r${index}`).aggregate((row) => ({ [`q${index}`]: row[`q${index}`].max() }));
        const on = { [pick(first)]: `r${index}` };
        return relation.join(second % 2 === 0 ? other : unique, { on, type: third % 2 === 0 ? "left" : "inner" });
      }
      case "union": {
        const sides = ["a", "b", "c"] as const;
        const other: Loose = relationOf(right, () => []);
        const alike = other.select(...names.map((name, at) => ({ [name]: sides[(first + at) % 3] ?? "a" })));
        return relation.union(third % 2 === 0 ? alike : relation);
      }
      default:
        return relation.distinct();
    }
  })();
  return unknown as Loose;
}

/** The rows of a small plan, computed as its documentation says and in no clever way. */
export function evaluate(plan: Plan, tables: Readonly<Record<string, readonly Row[]>>): readonly Row[] {
  switch (plan.op) {
    case "scan":
      return (tables[plan.source] ?? []).map((row) =>
        Object.fromEntries((plan.columns ?? []).map(({ name }) => [name, row[name] ?? null])),
      );
    case "filter":
      return evaluate(plan.input, tables).filter((row) => evaluateExpression(plan.condition, row) === 1);
    case "project":
      return evaluate(plan.input, tables).map((row) =>
        Object.fromEntries(plan.columns.map(({ name, value }) => [name, evaluateExpression(value, row)])),
      );
    case "aggregate": {
      const groups = new Map<string, Row[]>();
      for (const row of evaluate(plan.input, tables))
        groups.set(keyOf(row, plan.keys), [...(groups.get(keyOf(row, plan.keys)) ?? []), row]);
      return [...groups.values()].map((group) => ({
        ...Object.fromEntries(plan.keys.map((key) => [key, group[0]?.[key] ?? null])),
        ...Object.fromEntries(plan.aggregates.map(({ name, value }) => [name, aggregate(value.input, group)])),
      }));
    }
    case "join": {
      const rightRows = evaluate(plan.right, tables);
      const rightNames = Object.keys(rightRows[0] ?? {}).filter((name) => plan.on.every((pair) => pair.right !== name));
      return evaluate(plan.left, tables).flatMap((row) => {
        const matches = rightRows.filter((other) =>
          plan.on.every((pair) => row[pair.left] !== null && row[pair.left] === other[pair.right]),
        );
        const added = matches.length > 0 || plan.type === "inner" ? matches : [{}];
        return added.map((other: Row) => ({ ...row, ...Object.fromEntries(rightNames.map((name) => [name, other[name] ?? null])) }));
      });
    }
    case "union":
      return plan.inputs.flatMap((input) =>
        evaluate(input, tables).map((row) => Object.fromEntries(plan.columns.map((name) => [name, row[name] ?? null]))),
      );
    case "distinct": {
      const all = evaluate(plan.input, tables);
      return [...new Map(all.map((row) => [keyOf(row, Object.keys(row)), row])).values()];
    }
    default:
      throw new TypeError(`${plan.op} is not among the small plans`);
  }
}

export function keyOf(row: Row, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => row[name] ?? null));
}

function aggregate(input: Expression | undefined, group: readonly Row[]): Value {
  if (input === undefined) return group.length;
  const values = group.map((row) => evaluateExpression(input, row)).filter((value) => value !== null);
  return values.length === 0 ? null : Math.max(...values);
}

function evaluateExpression(expression: Expression, row: Row): Value {
  if (expression.expr === "column") return row[expression.name] ?? null;
  if (expression.expr === "literal") return Number(expression.value);
  if (expression.expr !== "call") throw new TypeError(`${expression.expr} is not among the small plans`);
  const [a, b] = expression.arguments.map((argument) => evaluateExpression(argument, row));
  if (a === undefined || b === undefined || a === null || b === null) return null;
  return expression.function === "add" ? a + b : Number(a >= b);
}
