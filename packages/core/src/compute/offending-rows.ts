import { type Engine, type ExampleRow, type Expression, type Plan, type Scan, schemaOf } from "@mlforge/spec";
import { columnsIn } from "../define/columns-in.js";
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
      const { column } = test;
      const shared: Plan = { op: "project", input: sharedValues(rows, column), columns: [{ name: column, value: columnOf(column) }] };
      const failing: Plan = { op: "join", left: rows, right: shared, on: [{ left: column, right: column }], type: "inner" };
      return firstRows(engine, failing, [column, ...keys], [], signal);
    }
  }
}

/** Returns an expression that is true if a row fails a condition. Null passes. */
export function failureOf(condition: Expression): Expression {
  return { expr: "call", function: "not", arguments: [condition] };
}

/** Returns a plan with one row for each value that several rows share, and with their number in the second column. */
export function sharedValues(rows: Plan, column: string): Plan {
  const count = sharedCount(column);
  const values: Plan = { op: "filter", input: rows, condition: { expr: "call", function: "isNotNull", arguments: [columnOf(column)] } };
  const counted: Plan = { op: "aggregate", input: values, keys: [column], aggregates: [{ name: count, value: { function: "count" } }] };
  const several: Expression = {
    expr: "call",
    function: "greater",
    arguments: [columnOf(count), { expr: "literal", kind: "int64", value: "1" }],
  };
  return { op: "filter", input: counted, condition: several };
}

/** Returns the name of the count column of {@link sharedValues}. It always differs from `column`. */
export function sharedCount(column: string): string {
  return `rows of ${column}`;
}

async function firstRows(
  engine: Engine,
  failing: Plan,
  order: readonly string[],
  others: readonly string[],
  signal?: AbortSignal,
): Promise<readonly ExampleRow[]> {
  const first: Plan = { op: "limit", input: { op: "sort", input: failing, by: [...new Set(order)] }, count: maxExamples };
  const shown = [...new Set([...order, ...others])].map((name) => ({ name, value: columnOf(name) }));
  const plan = pruneColumns({ op: "project", input: first, columns: shown });
  const schema = schemaOf(plan);
  const examples: ExampleRow[] = [];
  for await (const batch of engine.run(plan, { signal })) {
    for (const row of rowsOf(batch, schema, { int64: "bigint", timestamp: "microseconds" })) examples.push(exampleRow(row, schema));
  }
  return examples;
}

function columnOf(name: string): Expression {
  return { expr: "column", name };
}
