import { mapInputs, type Plan } from "@mlforge/spec";

/**
 * Explains why nothing bounds the rows of a plan in time, so that all of them are computed at each change. Names the first operation, from its sources on,
 * whose rows can come from any time.
 */
export function whyUnbounded(plan: Plan): string {
  return firstCause(plan) ?? "its timestamp is computed in a way that does not bound it by the times of its sources";
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
