import type { Expression } from "./expression.js";

/** Lists the columns that an expression reads. A column read twice appears twice. */
export function columnsIn(expression: Expression): readonly string[] {
  switch (expression.expr) {
    case "column":
      return [expression.name];
    case "literal":
      return [];
    case "call":
      return expression.arguments.flatMap(columnsIn);
    case "cast":
      return columnsIn(expression.value);
    case "case":
      return [...expression.branches.flatMap((branch) => [branch.when, branch.then]), expression.otherwise].flatMap(columnsIn);
  }
}
