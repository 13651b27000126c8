import {
  type AggregateCall,
  type Engine,
  type EngineCapabilities,
  type Expression,
  MlforgeError,
  mapInputs,
  type Plan,
  schemaOf,
} from "@mlforge/spec";

/** One thing that a plan needs of an engine, such as the operation `asOfJoin`. */
export interface Need {
  readonly what: "operation" | "function" | "aggregate" | "kind" | "rolling";
  readonly name: string;
}

/** Checks that an engine declares what a plan needs. `what` is what the plan computes. @throws CAPABILITY_MISSING */
export function expectComputes(engine: Engine, plan: Plan, what: string): void {
  expectNeeds(engine, needsOf(plan), what);
}

/** Checks that an engine declares everything that `what` needs. @throws CAPABILITY_MISSING */
export function expectNeeds({ name: plugin, capabilities }: Engine, needs: Iterable<Need>, what: string): void {
  for (const need of needs) {
    const able = declared(capabilities, need.what);
    if (able === undefined || able.includes(need.name)) continue;
    const message = `${what} needs ${needText(need)}, which the ${plugin} engine does not support; it supports ${able.join(", ") || "none"}`;
    throw new MlforgeError("CAPABILITY_MISSING", message, { plugin, capability: `${need.what} ${need.name}` });
  }
}

function needText({ what, name }: Need): string {
  switch (what) {
    case "rolling":
      return `an exact ${name} over windows`;
    case "kind":
      return `columns of kind ${name}`;
    default:
      return `the ${what} ${name}`;
  }
}

function declared(capabilities: EngineCapabilities, what: Need["what"]): readonly string[] | undefined {
  switch (what) {
    case "operation":
      return capabilities.operations;
    case "function":
      return capabilities.functions;
    case "aggregate":
      return capabilities.aggregates;
    case "kind":
      return capabilities.kinds;
    case "rolling":
      return capabilities.rolling;
  }
}

/** Lists what a plan needs. The operations come in the order in which they are computed. */
function* needsOf(plan: Plan): Generator<Need> {
  for (const input of inputsOf(plan)) yield* needsOf(input);
  yield { what: "operation", name: plan.op };
  yield* ownNeeds(plan);
  for (const { kind } of plan.op === "scan" ? (plan.columns ?? []) : schemaOf(plan)) yield { what: "kind", name: kind };
}

function inputsOf(plan: Plan): readonly Plan[] {
  if (plan.op === "scan") return [];
  const inputs: Plan[] = [];
  const collect = <P extends Plan>(input: P): P => {
    inputs.push(input);
    return input;
  };
  mapInputs(plan, collect, collect);
  return inputs;
}

function* ownNeeds(plan: Plan): Generator<Need> {
  switch (plan.op) {
    case "filter":
      yield* needsOfExpression(plan.condition);
      break;
    case "project":
      for (const { value } of plan.columns) yield* needsOfExpression(value);
      break;
    case "aggregate":
      for (const { value } of plan.aggregates) yield* needsOfAggregate(value);
      break;
    case "rollingAggregate":
      for (const output of plan.outputs) yield { what: "rolling", name: output.function };
      break;
  }
}

function* needsOfAggregate({ function: name, input }: AggregateCall): Generator<Need> {
  yield { what: "aggregate", name };
  if (input !== undefined) yield* needsOfExpression(input);
}

function* needsOfExpression(expression: Expression): Generator<Need> {
  switch (expression.expr) {
    case "call":
      for (const each of expression.arguments) yield* needsOfExpression(each);
      yield { what: "function", name: expression.function };
      break;
    case "cast":
      yield* needsOfExpression(expression.value);
      yield { what: "function", name: "cast" };
      yield { what: "kind", name: expression.to.kind };
      break;
    case "case":
      for (const { when, then } of expression.branches) for (const each of [when, then]) yield* needsOfExpression(each);
      yield* needsOfExpression(expression.otherwise);
      yield { what: "function", name: "case" };
      break;
  }
}
