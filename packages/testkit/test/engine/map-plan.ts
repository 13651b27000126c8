import { type AggregateCall, type Expression, mapInputs, type Plan } from "@mlforge/spec";

/** Replaces every operation of a plan except the scans of a zip, the inputs first. */
export function mapPlan(plan: Plan, replace: (plan: Plan) => Plan): Plan {
  if (plan.op === "scan") return replace(plan);
  const changed = mapInputs(
    plan,
    (input) => mapPlan(input, replace),
    (scan) => scan,
  );
  return replace(changed);
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
