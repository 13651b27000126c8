import type { Expression } from "@mlforge/spec";

/** The columns that an expression reads; one that it reads twice is twice among them. */
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
