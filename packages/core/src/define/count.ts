import { type Aggregated, aggregateSymbol } from "./typed.js";

/** Counts the rows of a group: `aggregate(() => ({ flights: count() }))`. */
export function count(): Aggregated<"int64", false> {
  return { [aggregateSymbol]: { aggregate: { function: "count" }, rows: undefined, type: { kind: "int64", nullable: false } } };
}
