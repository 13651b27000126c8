import type { AggregateCall, Expression, Plan, Scan } from "@mlforge/spec";

/** Replaces every operation of a plan, the inputs first. */
export function mapPlan(plan: Plan, replace: (plan: Plan) => Plan): Plan {
  return replace(withInputs(plan, (input) => mapPlan(input, replace)));
}

function withInputs(plan: Plan, change: (input: Plan) => Plan): Plan {
  switch (plan.op) {
    case "scan":
    case "values":
      return plan;
    case "join":
    case "asOfJoin":
      return { ...plan, left: change(plan.left), right: change(plan.right) };
    case "sql":
      return { ...plan, inputs: Object.fromEntries(Object.entries(plan.inputs).map(([name, input]) => [name, change(input)])) };
    case "zip":
      return { ...plan, inputs: plan.inputs.map((input) => scanOf(change(input))) };
    default:
      return { ...plan, input: change(plan.input) };
  }
}

function scanOf(plan: Plan): Scan {
  if (plan.op !== "scan") throw new TypeError(`zip reads scans, not ${plan.op}`);
  return plan;
}

/** Replaces every expression of a plan, the arguments first. */
export function mapExpressions(plan: Plan, replace: (expression: Expression) => Expression): Plan {
  const change = (expression: Expression): Expression => mapExpression(expression, replace);
  return mapPlan(plan, (operation) => {
    switch (operation.op) {
      case "filter":
        return { ...operation, condition: change(operation.condition) };
      case "project":
        return { ...operation, columns: operation.columns.map(({ name, value }) => ({ name, value: change(value) })) };
      default:
        return operation;
    }
  });
}

/** Replaces every aggregate of a plan. */
export function mapAggregates(plan: Plan, replace: (aggregate: AggregateCall) => AggregateCall): Plan {
  return mapPlan(plan, (operation) =>
    operation.op === "aggregate"
      ? { ...operation, aggregates: operation.aggregates.map(({ name, value }) => ({ name, value: replace(value) })) }
      : operation,
  );
}

function mapExpression(expression: Expression, replace: (expression: Expression) => Expression): Expression {
  if (expression.expr !== "call") return replace(expression);
  return replace({ ...expression, arguments: expression.arguments.map((argument) => mapExpression(argument, replace)) });
}
