import {
  type AsOfJoin,
  call,
  column,
  type Engine,
  type ExampleRow,
  type Expression,
  MlforgeError,
  mapInputs,
  mapScans,
  type Plan,
  schemaOf,
} from "@mlforge/spec";
import { freshName } from "../define/fresh-name.js";
import { rowsOf } from "../read/rows.js";
import { hasUniqueKeys } from "../resolve/unique-keys.js";
import { exampleRow, showExamples } from "./example-row.js";

/** The maximum number of example rows in an error. */
const maxExamples = 3;

/**
 * Checks that no as-of join has to choose between several newest rows. Skips joins that the plan proves to be unique.
 *
 * @throws KEY_VIOLATION with rows that have the same keys and time
 */
export async function checkAsOfJoins(engine: Engine, feature: string, plan: Plan, signal?: AbortSignal): Promise<void> {
  for (const join of asOfJoinsIn(plan)) {
    const { rows, keys } = comparedRows(join);
    if (hasUniqueKeys(rows, keys)) continue;
    const duplicates = await sharedKeys(engine, rows, keys, signal);
    if (duplicates.length === 0) continue;
    const sources = sourcesIn(rows).map((name) => `"${name}"`);
    const names = keys.map((key) => JSON.stringify(key)).join(", ");
    const found = duplicates.map(({ example, rows: count }) => `${showExamples([example])} in ${count} rows`).join(", ");
    const message = `the as-of join of feature "${feature}" with ${sources.join(" and ")} cannot tell which row is the newest: several rows share ${keys.join(", ")}, such as ${found}; combine them into one row first: groupBy(${names}).aggregate(...), or distinct() if they are equal`;
    throw new MlforgeError("KEY_VIOLATION", message, { feature, keys, nulls: [], duplicates: duplicates.map(({ example }) => example) });
  }
}

function asOfJoinsIn(plan: Plan): readonly AsOfJoin[] {
  if (plan.op === "scan") return [];
  const found: AsOfJoin[] = [];
  mapInputs(
    plan,
    (input) => {
      found.push(...asOfJoinsIn(input));
      return input;
    },
    (scan) => scan,
  );
  return plan.op === "asOfJoin" ? [...found, plan] : found;
}

function sourcesIn(plan: Plan): readonly string[] {
  const names = new Set<string>();
  mapScans(plan, (scan) => {
    names.add(scan.source);
    return scan;
  });
  return [...names];
}

/**
 * Returns the right side of a join and the columns that must be unique, by the names that users gave them. A date column is returned as it was before
 * its cast to a timestamp.
 */
function comparedRows({ right, on, timestamps }: AsOfJoin): { readonly rows: Plan; readonly keys: readonly string[] } {
  const compared = [...on.map((pair) => pair.right), timestamps.right];
  if (right.op !== "project") return { rows: right, keys: compared };
  const keys = compared.flatMap((key) => {
    const value = right.columns.find(({ name }) => name === key)?.value;
    const column = value?.expr === "cast" && value.to.kind === "timestamp" ? value.value : value;
    return column?.expr === "column" ? [column.name] : [];
  });
  const isSame = keys.length === compared.length && keys.slice(0, -1).every((key, index) => key === compared[index]);
  return isSame ? { rows: right.input, keys } : { rows: right, keys: compared };
}

/** Returns the first keys that several rows share, and the number of rows. Ignores rows with nulls, since they match nothing. */
async function sharedKeys(
  engine: Engine,
  rows: Plan,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<readonly { readonly example: ExampleRow; readonly rows: number }[]> {
  const count = freshName(keys);
  const complete: Plan = keys.reduce<Plan>((input, key) => ({ op: "filter", input, condition: call("isNotNull", column(key)) }), rows);
  const counted: Plan = { op: "aggregate", input: complete, keys, aggregates: [{ name: count, value: { function: "count" } }] };
  const one: Expression = { expr: "literal", kind: "int64", value: "1" };
  const several: Plan = { op: "filter", input: counted, condition: call("greater", column(count), one) };
  const first: Plan = { op: "limit", input: { op: "sort", input: several, by: keys }, count: maxExamples };
  const schema = schemaOf(first);
  const found: { readonly example: ExampleRow; readonly rows: number }[] = [];
  for await (const batch of engine.run(first, { signal })) {
    for (const { [count]: shared, ...row } of rowsOf(batch, schema, { int64: "bigint", timestamp: "microseconds" }))
      found.push({ example: exampleRow(row, schema), rows: Number(shared) });
  }
  return found;
}
