import type { Plan, Scan } from "@mlforge/spec";

/** The plan with every scan replaced. */
export function mapScans(plan: Plan, replace: (scan: Scan) => Scan): Plan {
  const inner = (input: Plan): Plan => mapScans(input, replace);
  switch (plan.op) {
    case "scan":
      return replace(plan);
    case "join":
    case "asOfJoin":
      return { ...plan, left: inner(plan.left), right: inner(plan.right) };
    case "sql":
      return { ...plan, inputs: Object.fromEntries(Object.entries(plan.inputs).map(([name, input]) => [name, inner(input)])) };
    case "zip":
      return { ...plan, inputs: plan.inputs.map(replace) };
    default:
      return { ...plan, input: inner(plan.input) };
  }
}
