import { mapInputs, type Plan } from "@mlforge/spec";

/**
 * Returns the reason why a change can affect rows of a plan at any time. A build then computes all rows. Names the operation nearest to the sources that
 * causes this.
 */
export function whyUnbounded(plan: Plan): string {
  return firstCause(plan) ?? "its timestamp cannot be traced to a timestamp of its sources";
}

function firstCause(plan: Plan): string | undefined {
  if (plan.op === "scan") return undefined;
  let found: string | undefined;
  mapInputs(
    plan,
    (input) => {
      found ??= firstCause(input);
      return input;
    },
    (scan) => scan,
  );
  return found ?? causes[plan.op];
}

const causes: Readonly<Partial<Record<Plan["op"], string>>> = {
  sql: "a SQL query can combine rows of any time",
  limit: "a limit depends on all rows",
  values: "constants have no time",
};
