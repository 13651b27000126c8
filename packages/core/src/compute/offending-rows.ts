import { type Engine, type ExampleRow, type Expression, type Plan, type Scan, schemaOf } from "@mlforge/spec";
import { columnsIn } from "../define/columns-in.js";
import { rowsOf } from "../read/rows.js";
import { pruneColumns } from "../resolve/prune-columns.js";
import type { ResolvedValidator } from "../resolve/resolve-validators.js";
import { exampleRow } from "./example-row.js";

/** How many example rows of each rule an error shows. */
const maxExamples = 3;

/** The first rows, in the order of `keys`, that fail a rule: with `keys`, and the columns it reads. */
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

/** True where a row fails a condition; null passes. */
export function failureOf(condition: Expression): Expression {
  return { expr: "call", function: "not", arguments: [condition] };
}

/** One row for each value of a column that several rows share, with their number in the other column of its schema. */
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

/** The column of {@link sharedValues} that says how many rows share the value of `column`; a name that `column` itself is not. */
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
