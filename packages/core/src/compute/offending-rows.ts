import {
  call,
  column,
  columnsIn,
  type Engine,
  type ExampleRow,
  type Expression,
  literal,
  type Plan,
  type Scan,
  schemaOf,
} from "@mlforge/spec";
import { rowsOf } from "../read/rows.js";
import { pruneColumns } from "../resolve/prune-columns.js";
import type { ResolvedValidator } from "../resolve/resolve-validators.js";
import { exampleRow } from "./example-row.js";

/** The maximum number of example rows of each rule in an error. */
const maxExamples = 3;

/** Returns the first rows that fail a rule, ordered by `keys`, with the keys and the columns that the rule reads. */
export async function offendingRows(
  engine: Engine,
  rows: Scan,
  { test }: ResolvedValidator,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<readonly ExampleRow[]> {
  switch (test.kind) {
    case "rowCount":
      return [];
    case "condition": {
      const failing: Plan = { op: "filter", input: rows, condition: failureOf(test.condition) };
      return firstRows(engine, failing, keys, columnsIn(test.condition), signal);
    }
    case "unique": {
      const { column: name } = test;
      const shared: Plan = { op: "project", input: sharedValues(rows, name), columns: [{ name, value: column(name) }] };
      const failing: Plan = { op: "join", left: rows, right: shared, on: [{ left: name, right: name }], type: "inner" };
      return firstRows(engine, failing, [name, ...keys], [], signal);
    }
  }
}

/** Returns an expression that is true if a row fails a condition. Null passes. */
export function failureOf(condition: Expression): Expression {
  return { expr: "call", function: "not", arguments: [condition] };
}

/** Returns a plan with one row for each value that several rows share, and with their number in the second column. */
export function sharedValues(rows: Plan, name: string): Plan {
  const count = sharedCount(name);
  const values: Plan = { op: "filter", input: rows, condition: call("isNotNull", column(name)) };
  const counted: Plan = { op: "aggregate", input: values, keys: [name], aggregates: [{ name: count, value: { function: "count" } }] };
  return { op: "filter", input: counted, condition: call("greater", column(count), literal("int64", "1")) };
}

/** Returns the name of the count column of {@link sharedValues}. It always differs from `name`. */
export function sharedCount(name: string): string {
  return `rows of ${name}`;
}

async function firstRows(
  engine: Engine,
  failing: Plan,
  order: readonly string[],
  others: readonly string[],
  signal?: AbortSignal,
): Promise<readonly ExampleRow[]> {
  const first: Plan = { op: "limit", input: { op: "sort", input: failing, by: [...new Set(order)] }, count: maxExamples };
  const shown = [...new Set([...order, ...others])].map((name) => ({ name, value: column(name) }));
  const plan = pruneColumns({ op: "project", input: first, columns: shown });
  const schema = schemaOf(plan);
  const examples: ExampleRow[] = [];
  for await (const batch of engine.run(plan, { signal })) {
    for (const row of rowsOf(batch, schema, { int64: "bigint", timestamp: "microseconds" })) examples.push(exampleRow(row, schema));
  }
  return examples;
}
