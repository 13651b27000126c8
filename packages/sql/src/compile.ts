import {
  checksumColumn,
  checksumRowsColumn,
  type Expression,
  findColumn,
  type Join,
  type KeyViolations,
  MlforgeError,
  type Plan,
  type RowChecksums,
  type Scan,
  type Schema,
  type Sequence,
  type Sessions,
  type Sql,
  schemaOf,
  type Union,
  violationColumn,
  violationRowsColumn,
} from "@mlforge/spec";
import type { Dialect } from "./dialect.js";
import { compileAggregate, compileExpression } from "./expression.js";
import { lowerRolling } from "./rolling/lower-rolling.js";
import { rollingSql } from "./rolling/rolling-sql.js";
import { compileValues } from "./values.js";

/**
 * Compiles a plan to one SELECT with exactly the columns of `schemaOf(plan)`.
 *
 * Every scan must state its columns, with paths in the form that the engine's reader takes.
 *
 * @throws COLUMN_UNKNOWN, or DEFINITION_INVALID if the plan is wrong or two of its columns differ only in case
 */
export function compile(plan: Plan, dialect: Dialect): string {
  const schema = schemaOf(plan);
  refuseNamesAlikeButForCase(schema);
  switch (plan.op) {
    case "scan":
      return compileScan(plan, dialect);
    case "values":
      return compileValues(plan, dialect);
    case "filter": {
      const rows = plan.input.op === "scan" ? compileScan(plan.input, dialect, plan.condition) : compile(plan.input, dialect);
      return `${select(["*"], rows)}\nWHERE ${compileExpression(plan.condition, schema, dialect).sql}`;
    }
    case "project": {
      const input = schemaOf(plan.input);
      const columns = plan.columns.map(({ name, value }) => {
        const { sql, type } = compileExpression(value, input, dialect);
        // Engines forget the type of a null that they computed in advance.
        const exact = value.expr === "call" || value.expr === "case" ? dialect.conform(sql, type) : sql;
        return as(exact, name, dialect);
      });
      return select(columns, compile(plan.input, dialect));
    }
    case "aggregate": {
      const input = schemaOf(plan.input);
      const keys = plan.keys.map((key) => dialect.identifier(key));
      const aggregates = plan.aggregates.map(({ name, value }) => as(compileAggregate(value, input, dialect), name, dialect));
      const rows = select([...keys, ...aggregates], compile(plan.input, dialect));
      return keys.length === 0 ? rows : `${rows}\nGROUP BY ${keys.join(", ")}`;
    }
    case "join":
      return compileJoin(plan, dialect);
    case "union":
      return compileUnion(plan, dialect);
    case "distinct":
      return select(["DISTINCT *"], compile(plan.input, dialect));
    case "sort": {
      const columns = plan.columns?.map((name) => dialect.identifier(name)) ?? ["*"];
      const rows = select(columns, compile(plan.input, dialect));
      return plan.by.length === 0 ? rows : `${rows}\nORDER BY ${ascending(plan.by, dialect)}`;
    }
    case "limit":
      // A subquery has no order, so the limit joins the sort that it cuts.
      return `${plan.input.op === "sort" ? compile(plan.input, dialect) : select(["*"], compile(plan.input, dialect))}\nLIMIT ${rowCount(plan.count)}`;
    case "sql": {
      const columns = schema.map((column) => as(dialect.conform(dialect.identifier(column.name), column), column.name, dialect));
      return `${withInputs(plan, dialect)}${select(columns, plan.query)}`;
    }
    case "rollingAggregate":
      return rollingSql(lowerRolling(plan), compile(plan.input, dialect), dialect);
    case "sequence":
      return compileSequence(plan, dialect);
    case "sessions":
      return compileSessions(plan, dialect);
    case "asOfJoin":
      return dialect.asOfJoin(plan, compile(plan.left, dialect), compile(plan.right, dialect));
    case "numberRows":
      return dialect.numberRows(plan.input, plan.column, (input) => compile(input, dialect));
    case "zip":
      return dialect.zip(plan.inputs);
    case "keyViolations":
      return compileKeyViolations(plan, dialect);
    case "rowChecksums":
      return compileRowChecksums(plan, dialect);
  }
}

function compileScan(scan: Scan, dialect: Dialect, condition?: Expression): string {
  const inFolders = new Set(scan.partitions?.map(({ name }) => name));
  const columns = schemaOf(scan).map((column) => {
    const value = dialect.sourceColumn(scan, column.name, column);
    const isChecked = !column.nullable && scan.trusted !== true && !inFolders.has(column.name);
    return as(isChecked ? dialect.required(value, column.name, column) : value, column.name, dialect);
  });
  return select(columns, dialect.source(scan, condition));
}

/** Compiles an `sql` operation to its rows as the query returns them, before conversion to the declared columns. */
export function compileQuery(plan: Sql, dialect: Dialect): string {
  return `${withInputs(plan, dialect)}${select(["*"], plan.query)}`;
}

/** Puts the query in parentheses, followed by a line break, so that only one SELECT fits and a comment at its end does no harm. */
function select(columns: readonly string[], from: string): string {
  return `SELECT ${columns.join(", ")}\nFROM (\n${from}\n) AS t`;
}

function as(sql: string, name: string, dialect: Dialect): string {
  const identifier = dialect.identifier(name);
  return sql === identifier ? sql : `${sql} AS ${identifier}`;
}

function withInputs(plan: Sql, dialect: Dialect): string {
  const inputs = Object.entries(plan.inputs).map(([name, input]) => `${dialect.identifier(name)} AS (\n${compile(input, dialect)}\n)`);
  return inputs.length === 0 ? "" : `WITH ${inputs.join(",\n")}\n`;
}

function compileJoin({ left, right, on, type }: Join, dialect: Dialect): string {
  const column = (side: string, name: string): string => `${side}.${dialect.identifier(name)}`;
  const joined = new Set(on.map((pair) => pair.right));
  const columns = [
    ...schemaOf(left).map(({ name }) => column("l", name)),
    ...schemaOf(right)
      .filter(({ name }) => !joined.has(name))
      .map(({ name }) => column("r", name)),
  ];
  const condition = on.map((pair) => `${column("l", pair.left)} = ${column("r", pair.right)}`).join(" AND ");
  return [
    `SELECT ${columns.join(", ")}`,
    `FROM (\n${compile(left, dialect)}\n) AS l`,
    `${type === "left" ? "LEFT" : "INNER"} JOIN (\n${compile(right, dialect)}\n) AS r`,
    `ON ${condition || "true"}`,
  ].join("\n");
}

function compileUnion({ inputs, columns }: Union, dialect: Dialect): string {
  const names = columns.map((name) => dialect.identifier(name));
  return inputs.map((input) => select(names, compile(input, dialect))).join("\nUNION ALL\n");
}

function compileSequence(plan: Sequence, dialect: Dialect): string {
  const schema = schemaOf(plan);
  const name = (column: string): string => dialect.identifier(column);
  const partition = plan.keys.length === 0 ? "" : `PARTITION BY ${plan.keys.map(name).join(", ")} `;
  const outputs = plan.outputs.map((output) => {
    const value = output.function === "rowNumber" ? "row_number()" : `lag(${name(output.column)}, ${output.offset})`;
    const timed = `CASE WHEN ${name(plan.timestamp)} IS NOT NULL THEN ${value} OVER w END`;
    return as(dialect.conform(timed, findColumn(output.name, schema)), output.name, dialect);
  });
  const rows = select([...schemaOf(plan.input).map((column) => name(column.name)), ...outputs], compile(plan.input, dialect));
  return `${rows}\nWINDOW w AS (${partition}ORDER BY ${ascending([plan.timestamp, ...plan.thenBy], dialect)})`;
}

function compileSessions({ input, keys, timestamp, gap, column }: Sessions, dialect: Dialect): string {
  const names = schemaOf(input).map(({ name }) => dialect.identifier(name));
  const [time, end] = [dialect.identifier(timestamp), dialect.identifier(column)];
  const partition = keys.length === 0 ? "" : `PARTITION BY ${keys.map((key) => dialect.identifier(key)).join(", ")} `;
  const order = `${partition}ORDER BY ${ascending([timestamp], dialect)}`;
  const micros = dialect.microsecondsOf(time);
  const later = `${micros} + ${dialect.literal(gap, { kind: "int64" })}`;
  // Only the last row of a session gets an end here. The other rows take the first end from their time on.
  const own = `CASE WHEN lead(${micros}) OVER (${order}) <= ${later} THEN NULL ELSE ${later} END`;
  // RANGE, not ROWS, because the order of rows with the same time is not defined.
  const first = `min(${end}) OVER (${order} RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)`;
  const rows = select([...names, as(own, column, dialect)], compile(input, dialect));
  return select([...names, as(dialect.conform(dialect.timestampOf(first), { kind: "timestamp" }), column, dialect)], rows);
}

function compileKeyViolations({ input, keys, sorted, unique, limit }: KeyViolations, dialect: Dialect): string {
  const rows = compile(input, dialect);
  const names = keys.map((key) => dialect.identifier(key));
  const worst = `${dialect.identifier(violationRowsColumn.name)} DESC, ${ascending(keys, dialect)}\nLIMIT`;
  const violation = (name: string, count: string, from: string, having = ""): string => {
    const label = as(dialect.literal(name, violationColumn), violationColumn.name, dialect);
    const counted = select([...names, label, as(count, violationRowsColumn.name, dialect)], from);
    return `SELECT * FROM (\n${counted}\nGROUP BY ${names.join(", ")}${having}\nORDER BY ${worst} ${rowCount(limit)}\n) AS v`;
  };
  const nulls = violation("null", "count(*)", `${select(names, rows)}\nWHERE ${names.map((name) => `${name} IS NULL`).join(" OR ")}`);
  if (unique) return `${nulls}\nORDER BY ${worst} ${rowCount(limit)}`;
  const complete = names.map((name) => `${name} IS NOT NULL`).join(" AND ");
  const repeated = sorted ? dialect.repeatedNeighbors?.(names, rows) : undefined;
  const duplicates =
    repeated === undefined
      ? violation("duplicate", "count(*)", `${select(names, rows)}\nWHERE ${complete}`, "\nHAVING count(*) > 1")
      : violation("duplicate", "count(*) + 1", repeated);
  // Nulls before duplicates. All rows are within the limit, which spares engines a sort of any number of rows.
  return `${nulls}\nUNION ALL\n${duplicates}\nORDER BY ${dialect.identifier(violationColumn.name)} DESC, ${worst} ${rowCount(2 * limit)}`;
}

function compileRowChecksums({ input, by }: RowChecksums, dialect: Dialect): string {
  const keys = by.map((name) => dialect.identifier(name));
  const values = schemaOf(input)
    .filter(({ name }) => !by.includes(name))
    .map((column) => ({ sql: dialect.identifier(column.name), type: column }));
  const counted = as("count(*)", checksumRowsColumn.name, dialect);
  const checksum = as(dialect.checksum(values), checksumColumn.name, dialect);
  const rows = select([...keys, counted, checksum], compile(input, dialect));
  return keys.length === 0 ? rows : `${rows}\nGROUP BY ${keys.join(", ")}`;
}

function ascending(names: readonly string[], dialect: Dialect): string {
  return names.map((name) => `${dialect.identifier(name)} ASC NULLS LAST`).join(", ");
}

function rowCount(count: number): string {
  if (!Number.isSafeInteger(count) || count < 0) throw invalid("limit", `limit needs a whole number of rows, not ${count}`);
  return String(count);
}

/** Refuses columns that differ only in case. SQL engines do not distinguish `a` from `A` and would silently confuse them. */
function refuseNamesAlikeButForCase(schema: Schema): void {
  const seen = new Map<string, string>();
  for (const { name } of schema) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) throw invalid("columns", `columns "${other}" and "${name}" differ only in case; rename one of them`);
    seen.set(folded, name);
  }
}

function invalid(path: string, message: string): MlforgeError<"DEFINITION_INVALID"> {
  return new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path, message }] });
}
