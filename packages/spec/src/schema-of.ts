import type { NamedColumn, Schema } from "./column.js";
import { MlforgeError } from "./errors.js";
import { rollingCall } from "./expressions.js";
import {
  type AsOfJoin,
  checksumColumn,
  checksumRowsColumn,
  type Join,
  type Plan,
  type RollingAggregate,
  type Sequence,
  type Sessions,
  type Union,
  type Values,
  violationColumn,
  violationRowsColumn,
} from "./plan.js";
import { findColumn, typeOf, typeOfAggregate } from "./type-of.js";
import { isNested, isOrdered, isSameType, typeText, withNullsOf } from "./type-text.js";

/**
 * Returns the columns of a plan, from the plan alone.
 *
 * Every scan must state its columns. Engines must describe a plan the same way.
 *
 * @throws COLUMN_UNKNOWN, DEFINITION_INVALID
 */
export function schemaOf(plan: Plan): Schema {
  switch (plan.op) {
    case "scan":
      if (plan.columns === undefined) throw new TypeError(`the columns of source "${plan.source}" are not known yet; describe it first`);
      return plan.columns;
    case "values":
      return valuesSchema(plan);
    case "filter": {
      const schema = schemaOf(plan.input);
      const { kind } = typeOf(plan.condition, schema);
      if (kind !== "boolean") throw definitionInvalid("filter", `filter needs a boolean condition, got ${kind}`);
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
    case "union":
      return unionSchema(plan);
    case "distinct":
    case "limit":
      return schemaOf(plan.input);
    case "sort": {
      const schema = schemaOf(plan.input);
      for (const name of plan.by) {
        const { kind } = findColumn(name, schema);
        if (!isOrdered({ kind }))
          throw definitionInvalid("sort", `sort cannot order rows by the ${kind} "${name}"; sort by a scalar column`);
      }
      return plan.columns === undefined ? schema : plan.columns.map((name) => findColumn(name, schema));
    }
    case "sql":
      return plan.columns;
    case "rollingAggregate":
      return rollingSchema(plan);
    case "sequence":
      return sequenceSchema(plan);
    case "sessions":
      return sessionsSchema(plan);
    case "asOfJoin":
      return asOfSchema(plan);
    case "numberRows":
      return unique([...schemaOf(plan.input), { name: plan.column, kind: "int64", nullable: false }], "number");
    case "zip":
      return unique(plan.inputs.flatMap(schemaOf), "zip");
    case "keyViolations": {
      const schema = schemaOf(plan.input);
      return [...plan.keys.map((key) => ({ ...findColumn(key, schema), nullable: true })), violationColumn, violationRowsColumn];
    }
    case "rowChecksums": {
      const schema = schemaOf(plan.input);
      return unique([...plan.by.map((name) => findColumn(name, schema)), checksumRowsColumn, checksumColumn], "rowChecksums");
    }
  }
}

function valuesSchema({ columns, rows }: Values): Schema {
  if (columns.length === 0) throw definitionInvalid("values", "values needs at least one column");
  for (const [index, row] of rows.entries()) {
    if (row.length !== columns.length)
      throw definitionInvalid(
        "values",
        `row ${index} of values has ${row.length} cells; give one for each of the ${columns.length} columns`,
      );
    const missing = columns.find(({ nullable }, position) => !nullable && row[position] === null);
    if (missing !== undefined)
      throw definitionInvalid("values", `column "${missing.name}" is null in row ${index} of values, but it is not nullable`);
  }
  return unique(columns, "values");
}

function joinSchema({ left, right, on, type }: Join): Schema {
  const leftSchema = schemaOf(left);
  const rightSchema = schemaOf(right);
  comparable(on, leftSchema, rightSchema);
  const joined = new Set(on.map((pair) => pair.right));
  const added = rightSchema
    .filter((column) => !joined.has(column.name))
    .map((column) => ({ ...column, nullable: column.nullable || type === "left" }));
  return unique([...leftSchema, ...added], "join");
}

function unionSchema({ inputs, columns }: Union): Schema {
  const [first, ...others] = inputs.map(schemaOf);
  if (first === undefined) throw definitionInvalid("union", "union needs at least one input");
  if (columns.length === 0) throw definitionInvalid("union", "union needs at least one column");
  const schema = columns.map((name) => {
    const column = findColumn(name, first, "the first input of union");
    return others.reduce<NamedColumn>((known, other, index) => {
      const found = findColumn(name, other, `input ${index + 2} of union`);
      if (!isSameType(known, found))
        throw definitionInvalid(
          "union",
          `union cannot combine the column "${name}": it is ${typeText(known)} in one input and ${typeText(found)} in another; cast one of them`,
        );
      return { ...withNullsOf(known, found), name, nullable: known.nullable || found.nullable };
    }, column);
  });
  return unique(schema, "union");
}

function rollingSchema({ input, keys, timestamp, outputs }: RollingAggregate): Schema {
  const schema = schemaOf(input);
  const { kind, nullable } = findColumn(timestamp, schema);
  if (kind !== "timestamp" && kind !== "date")
    throw definitionInvalid("rolling", `rolling needs a timestamp or date, but "${timestamp}" is ${kind}`);
  const columns = outputs.map((output) => ({ ...typeOfAggregate(rollingCall(output), schema), name: output.name }));
  return unique([...keys.map((key) => findColumn(key, schema)), { name: timestamp, kind: "timestamp", nullable }, ...columns], "rolling");
}

function sequenceSchema({ input, keys, timestamp, thenBy, outputs }: Sequence): Schema {
  const schema = schemaOf(input);
  for (const key of keys) findColumn(key, schema);
  const { kind, nullable } = findColumn(timestamp, schema);
  if (kind !== "timestamp" && kind !== "date")
    throw definitionInvalid("sequence", `sequence needs a timestamp or date, but "${timestamp}" is ${kind}`);
  for (const name of thenBy) {
    const found = findColumn(name, schema);
    if (!isOrdered(found))
      throw definitionInvalid("sequence", `sequence cannot order rows by the ${found.kind} "${name}"; use a scalar column`);
  }
  const added = outputs.map((output): NamedColumn => {
    if (output.function === "rowNumber") return { name: output.name, kind: "int64", nullable };
    const { column, offset, name } = output;
    if (!Number.isInteger(offset) || offset < 1 || offset > maxOffset)
      throw definitionInvalid("sequence", `the offset of "${name}" must be a whole number of rows from 1 to ${maxOffset}, got ${offset}`);
    return { ...findColumn(column, schema), name, nullable: true };
  });
  return unique([...schema, ...added], "sequence");
}

function sessionsSchema({ input, keys, timestamp, gap, column }: Sessions): Schema {
  const schema = schemaOf(input);
  for (const key of keys) findColumn(key, schema);
  const { kind, nullable } = findColumn(timestamp, schema);
  if (kind !== "timestamp" && kind !== "date")
    throw definitionInvalid("sessions", `sessions needs a timestamp or date, but "${timestamp}" is ${kind}`);
  if (!/^[1-9]\d{0,18}$/.test(gap)) throw definitionInvalid("sessions", `sessions needs a positive gap in microseconds, got ${gap}`);
  return unique([...schema, { name: column, kind: "timestamp", nullable }], "sessions");
}

/** The greatest offset that every engine takes. */
const maxOffset = 2_147_483_647;

function asOfSchema({ left, right, on, timestamps, columns }: AsOfJoin): Schema {
  const leftSchema = schemaOf(left);
  const rightSchema = schemaOf(right);
  comparable(on, leftSchema, rightSchema);
  for (const { name, kind } of [findColumn(timestamps.left, leftSchema), findColumn(timestamps.right, rightSchema)]) {
    if (kind !== "timestamp") throw definitionInvalid("asOfJoin", `an as-of join needs timestamps, but "${name}" is ${kind}`);
  }
  return unique(
    [...leftSchema, ...columns.map(({ name, as }) => ({ ...findColumn(name, rightSchema), name: as, nullable: true }))],
    "asOfJoin",
  );
}

function comparable(on: Join["on"], left: Schema, right: Schema): void {
  for (const pair of on) {
    const { kind: leftKind } = findColumn(pair.left, left);
    const { kind: rightKind } = findColumn(pair.right, right);
    if (isNested({ kind: leftKind }) || leftKind === "json")
      throw definitionInvalid("join", `join cannot compare the ${leftKind} "${pair.left}"; join on a column of a scalar kind`);
    if (leftKind !== rightKind)
      throw definitionInvalid("join", `join cannot compare ${leftKind} "${pair.left}" with ${rightKind} "${pair.right}"; cast one of them`);
  }
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
