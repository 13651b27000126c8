import { type Expression, findColumn, type Plan, type Schema, schemaOf } from "@mlforge/spec";

/** Returns true if the plan alone proves that no two rows have the same values in `keys`. Null counts as a value. */
export function hasUniqueKeys(plan: Plan, keys: readonly string[]): boolean {
  switch (plan.op) {
    case "aggregate":
      return plan.keys.every((key) => keys.includes(key));
    case "rollingAggregate":
      return [...plan.keys, plan.timestamp].every((key) => keys.includes(key));
    case "distinct":
      return schemaOf(plan).every(({ name }) => keys.includes(name)) || hasUniqueKeys(plan.input, keys);
    case "filter":
    case "sort":
    case "limit":
      return hasUniqueKeys(plan.input, keys);
    case "sequence":
      return hasUniqueKeys(
        plan.input,
        keys.filter((key) => plan.outputs.every(({ name }) => name !== key)),
      );
    case "sessions":
      return hasUniqueKeys(
        plan.input,
        keys.filter((key) => key !== plan.column),
      );
    case "asOfJoin":
      return hasUniqueKeys(plan.left, keys);
    case "numberRows":
      return keys.includes(plan.column) || hasUniqueKeys(plan.input, keys);
    case "project": {
      const schema = schemaOf(plan.input);
      return hasUniqueKeys(
        plan.input,
        plan.columns.flatMap(({ name, value }) => (keys.includes(name) ? sameColumn(value, schema) : [])),
      );
    }
    case "join": {
      // Each row on the left matches at most one row on the right.
      const left = schemaOf(plan.left).filter(({ name }) => keys.includes(name));
      return (
        hasUniqueKeys(
          plan.left,
          left.map(({ name }) => name),
        ) &&
        hasUniqueKeys(
          plan.right,
          plan.on.map((pair) => pair.right),
        )
      );
    }
    case "scan":
    case "values":
    case "union":
    case "sql":
    case "zip":
    case "keyViolations":
      return false;
    case "rowChecksums":
      return plan.by.every((key) => keys.includes(key));
  }
}

/** Returns the column that an expression equals: the column itself, or a date cast to midnight. Empty if there is none. */
function sameColumn(value: Expression, schema: Schema): readonly string[] {
  if (value.expr === "column") return [value.name];
  if (value.expr !== "cast" || value.to.kind !== "timestamp" || value.value.expr !== "column") return [];
  const { name, kind } = findColumn(value.value.name, schema);
  return kind === "date" ? [name] : [];
}
