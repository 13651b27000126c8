import type { Plan, Scan } from "./plan.js";

/** Replaces every scan of a plan. */
export function mapScans(plan: Plan, replace: (scan: Scan) => Scan): Plan {
  return plan.op === "scan" ? replace(plan) : mapInputs(plan, (input) => mapScans(input, replace), replace);
}

/** Replaces each input of an operation. The inputs of `zip` are always scans. */
export function mapInputs(plan: Exclude<Plan, Scan>, replace: (input: Plan) => Plan, replaceScan: (scan: Scan) => Scan): Plan {
  switch (plan.op) {
    case "values":
      return plan;
    case "join":
    case "asOfJoin":
      return { ...plan, left: replace(plan.left), right: replace(plan.right) };
    case "union":
      return { ...plan, inputs: plan.inputs.map(replace) };
    case "sql":
      return { ...plan, inputs: Object.fromEntries(Object.entries(plan.inputs).map(([name, input]) => [name, replace(input)])) };
    case "zip":
      return { ...plan, inputs: plan.inputs.map(replaceScan) };
    default:
      return { ...plan, input: replace(plan.input) };
  }
}
