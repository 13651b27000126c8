import type { Schema } from "@mlforge/spec";
import { AggregateBuilder } from "./aggregate-builder.js";
import { type NamedAggregate, renamed } from "./aggregates-of.js";
import { definitionInvalid } from "./definition-issues.js";
import type { Untyped } from "./expr.js";
import { aggregateSymbol, type Typed } from "./typed.js";
import { aggregateWhere } from "./where.js";

/** The options as the caller passed them, unchecked. */
export interface PivotGiven {
  readonly column?: unknown;
  readonly values?: unknown;
  readonly aggregate?: unknown;
}

/** Returns each aggregate once for each declared value of a column, over the rows with that value. @throws DEFINITION_INVALID, COLUMN_UNKNOWN */
export function pivoted(
  aggregates: readonly NamedAggregate[],
  { column, values }: PivotGiven,
  row: Untyped,
  rows: Schema,
): readonly NamedAggregate[] {
  if (typeof column !== "string") throw definitionInvalid("pivot", 'pivot needs a column: column: "channel"');
  if (!Array.isArray(values) || values.length === 0)
    throw definitionInvalid("pivot", 'pivot needs the values that become columns: values: ["web", "store"]');
  return values.flatMap((value: unknown) => {
    const where: Typed = row[column].eq(value);
    return aggregates.map((aggregate) => ({ name: `${aggregate.name}_${String(value)}`, ...onlyWhere(aggregate, where, rows) }));
  });
}

function onlyWhere({ expression, calls }: NamedAggregate, where: Typed, rows: Schema): Omit<NamedAggregate, "name"> {
  const changed = calls.map((call) => ({ call, aggregate: aggregateWhere(call.aggregate, where, rows) }));
  const names = new Map(changed.map(({ call, aggregate }) => [call.name, JSON.stringify(aggregate)]));
  return new AggregateBuilder(
    renamed(expression, (name) => names.get(name) ?? name),
    changed.map(({ call, aggregate }) => ({ name: JSON.stringify(aggregate), aggregate, type: call.type })),
    rows,
  )[aggregateSymbol];
}
