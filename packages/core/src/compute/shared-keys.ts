import { call, column, type Engine, type ExampleRow, type Expression, type Plan, schemaOf } from "@mlforge/spec";
import { freshName } from "../define/fresh-name.js";
import { rowsOf } from "../read/rows.js";
import { exampleRow } from "./example-row.js";

/** The maximum number of example rows in an error. */
const maxExamples = 3;

/** Keys that several rows share, and the number of rows. */
export interface SharedKey {
  readonly example: ExampleRow;
  readonly rows: number;
}

/** Returns the first keys that several rows share. Leaves out rows with a null in a `complete` column. */
export async function sharedKeys(
  engine: Engine,
  rows: Plan,
  { keys, complete }: { readonly keys: readonly string[]; readonly complete: readonly string[] },
  signal?: AbortSignal,
): Promise<readonly SharedKey[]> {
  const count = freshName(keys);
  const counting: Plan = complete.reduce<Plan>((input, key) => ({ op: "filter", input, condition: call("isNotNull", column(key)) }), rows);
  const counted: Plan = { op: "aggregate", input: counting, keys, aggregates: [{ name: count, value: { function: "count" } }] };
  const one: Expression = { expr: "literal", kind: "int64", value: "1" };
  const several: Plan = { op: "filter", input: counted, condition: call("greater", column(count), one) };
  const first: Plan = { op: "limit", input: { op: "sort", input: several, by: keys }, count: maxExamples };
  const schema = schemaOf(first);
  const found: SharedKey[] = [];
  for await (const batch of engine.run(first, { signal })) {
    for (const { [count]: shared, ...row } of rowsOf(batch, schema, { int64: "bigint", timestamp: "microseconds" }))
      found.push({ example: exampleRow(row, schema), rows: Number(shared) });
  }
  return found;
}
