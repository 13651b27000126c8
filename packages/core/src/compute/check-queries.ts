import { mapInputs, type Plan, type Sql, schemaOf } from "@mlforge/spec";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import type { BuildContext } from "../sources/context.js";

/**
 * Checks the SQL of a feature without its data: the engine describes the query over empty tables. Does nothing without an engine.
 *
 * @throws DEFINITION_INVALID if the engine refuses the query, and other errors of the engine
 */
export async function checkQueries({ computation }: ResolvedFeature, { engine }: BuildContext, signal?: AbortSignal): Promise<void> {
  if (engine === undefined || computation.kind !== "plan") return;
  if (engine.capabilities.operations?.includes("values") === false) return;
  for (const query of queriesIn(computation.plan)) await engine.describe(withoutRows(query), { signal });
}

function queriesIn(plan: Plan): readonly Sql[] {
  if (plan.op === "scan") return [];
  if (plan.op === "sql") return [plan];
  const found: Sql[] = [];
  mapInputs(
    plan,
    (input) => {
      found.push(...queriesIn(input));
      return input;
    },
    (scan) => scan,
  );
  return found;
}

function withoutRows(query: Sql): Sql {
  const inputs = Object.entries(query.inputs).map(([name, input]): [string, Plan] => [
    name,
    { op: "values", columns: schemaOf(input), rows: [] },
  ]);
  return { ...query, inputs: Object.fromEntries(inputs) };
}
