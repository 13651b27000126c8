import { type AggregateCall, type Call, type Expression, type Literal, type ScalarFunction, typeText } from "@mlforge/spec";

const infix: Partial<Record<ScalarFunction, string>> = {
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
  modulo: "%",
  equal: "=",
  notEqual: "<>",
  less: "<",
  lessOrEqual: "<=",
  greater: ">",
  greaterOrEqual: ">=",
  and: "and",
  or: "or",
};

/** Formats an expression for people. Different expressions have different texts. */
export function expressionText(expression: Expression): string {
  switch (expression.expr) {
    case "column":
      return nameText(expression.name);
    case "literal":
      return literalText(expression);
    case "call":
      return callText(expression);
    case "case": {
      const branches = expression.branches.map(({ when, then }) => `when ${expressionText(when)} then ${expressionText(then)}`);
      return `case ${branches.join(" ")} else ${expressionText(expression.otherwise)} end`;
    }
    case "cast":
      return `cast(${expressionText(expression.value)} as ${typeText(expression.to)})`;
  }
}

/** Formats an aggregate for people. */
export function aggregateText({ function: name, input, by, quantile, limit, descending, edges }: AggregateCall): string {
  const parts = [
    ...(input === undefined ? [] : [expressionText(input)]),
    ...(by === undefined ? [] : [`by ${expressionText(by)}`]),
    ...(descending === true ? ["descending"] : []),
    ...(quantile === undefined ? [] : [String(quantile)]),
    ...(limit === undefined ? [] : [`at most ${limit}`]),
    ...(edges === undefined ? [] : [`at ${edges.join(", ")}`]),
  ];
  return `${name}(${parts.join(", ")})`;
}

/** Returns a name unquoted if it is unambiguous, otherwise quoted. */
export function nameText(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name.replaceAll("`", "``").replaceAll("\n", "\\n")}\``;
}

function callText({ function: name, arguments: operands }: Call): string {
  const operator = infix[name];
  if (operator !== undefined && operands.length > 1) return operands.map(operandText).join(` ${operator} `);
  return `${name}(${operands.map(expressionText).join(", ")})`;
}

function operandText(operand: Expression): string {
  const isInfix = operand.expr === "call" && infix[operand.function] !== undefined && operand.arguments.length > 1;
  return isInfix ? `(${expressionText(operand)})` : expressionText(operand);
}

/** Formats strings, booleans, int64, and float64 as in code. Other literals include their type. */
function literalText({ kind, value }: Literal): string {
  if (value === null) return `null:${kind}`;
  if (kind === "string") return JSON.stringify(value);
  if (kind === "int64" || kind === "boolean") return value;
  if (kind === "float64") return /^-?\d+$/.test(value) ? `${value}.0` : value;
  return `${kind}(${JSON.stringify(value)})`;
}
