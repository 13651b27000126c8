import type { NamedColumn, Schema } from "./column.js";
import { MlforgeError } from "./errors.js";
import { type Join, type Plan, violationColumn } from "./plan.js";
import { findColumn, typeOf, typeOfAggregate } from "./type-of.js";

/**
 * The columns a plan gives, from the plan alone.
 *
 * Every scan in it must state its columns. Engines must describe a plan as this does.
 *
 * @throws COLUMN_UNKNOWN, DEFINITION_INVALID
 */
export function schemaOf(plan: Plan): Schema {
  switch (plan.op) {
    case "scan":
      if (plan.columns === undefined) throw new TypeError(`the columns of source "${plan.source}" are not known yet; describe it first`);
      return plan.columns;
    case "filter": {
      const schema = schemaOf(plan.input);
      const { kind } = typeOf(plan.condition, schema);
      if (kind !== "boolean") throw definitionInvalid("filter", `filter needs a boolean condition, not a ${kind}`);
      return schema;
    }
    case "project": {
      const schema = schemaOf(plan.input);
      return unique(
        plan.columns.map(({ name, value }) => ({ ...typeOf(value, schema), name })),
        "project",
      );
    }
    case "aggregate": {
      const schema = schemaOf(plan.input);
      return unique(
        [
          ...plan.keys.map((key) => findColumn(key, schema)),
          ...plan.aggregates.map(({ name, value }) => ({ ...typeOfAggregate(value, schema), name })),
        ],
        "aggregate",
      );
    }
    case "join":
      return joinSchema(plan);
    case "distinct":
    case "limit":
      return schemaOf(plan.input);
    case "sort": {
      const schema = schemaOf(plan.input);
      for (const name of plan.by) findColumn(name, schema);
      return schema;
    }
    case "sql":
      return plan.columns;
    case "keyViolations": {
      const schema = schemaOf(plan.input);
      return [...plan.keys.map((key) => ({ ...findColumn(key, schema), nullable: true })), violationColumn];
    }
  }
}

function joinSchema({ left, right, on, type }: Join): Schema {
  const leftSchema = schemaOf(left);
  const rightSchema = schemaOf(right);
  for (const pair of on) {
    const { kind: leftKind } = findColumn(pair.left, leftSchema);
    const { kind: rightKind } = findColumn(pair.right, rightSchema);
    if (leftKind !== rightKind)
      throw definitionInvalid("join", `join cannot compare ${leftKind} "${pair.left}" with ${rightKind} "${pair.right}"; cast one of them`);
  }
  const joined = new Set(on.map((pair) => pair.right));
  const added = rightSchema
    .filter((column) => !joined.has(column.name))
    .map((column) => ({ ...column, nullable: column.nullable || type === "left" }));
  return unique([...leftSchema, ...added], "join");
}

function unique(schema: readonly NamedColumn[], where: string): Schema {
  const seen = new Set<string>();
  for (const { name } of schema) {
    if (seen.has(name)) throw definitionInvalid(where, `${where} gives two columns named "${name}"; rename one of them`);
    seen.add(name);
  }
  return schema;
}

function definitionInvalid(path: string, message: string): MlforgeError<"DEFINITION_INVALID"> {
  return new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path, message }] });
}
