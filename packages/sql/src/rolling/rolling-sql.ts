import type { Dialect, Kind } from "../dialect.js";
import { deviationSql, exactJoin, exactTable } from "./deviation-sql.js";
import type { LoweredRolling, Merge, RollingValue, TilePart, Tiles, WindowAggregate } from "./lowered-rolling.js";

const float64: Kind = { kind: "float64" };

/** Prints a lowered rolling aggregate over compiled rows. */
export function rollingSql(lowered: LoweredRolling, rows: string, dialect: Dialect): string {
  const { deviations } = lowered;
  const tables = [
    ...lowered.tiles.map((tiles) => dialect.commonTable(tiles.name, tilesSql(tiles, lowered, rows, dialect), true)),
    ...lowered.events.map((events) => dialect.commonTable(events.name, eventsSql(events, lowered, rows, dialect))),
    dialect.commonTable("changes", changesSql(lowered, dialect), false),
    // Read once, unless a table of exact sums reads it too.
    dialect.commonTable("framed", framedSql(lowered, dialect), deviations.length > 0),
    ...deviations.map((deviation) => dialect.commonTable(deviation.exact, exactTable(deviation, lowered, dialect))),
  ];
  const columns = [
    ...lowered.keys.map(({ column, name }) => as(`f.${name}`, dialect.identifier(column))),
    as(dialect.timestampOf("f.b"), dialect.identifier(lowered.timestamp)),
    ...lowered.outputs.map(({ name, kind, value }) => as(dialect.conform(valueSql(value, dialect), kind), dialect.identifier(name))),
  ];
  return `WITH ${tables.join(",\n")}\n${select(columns, ["framed AS f", ...deviations.map((deviation) => exactJoin(deviation, lowered))].join("\n"))}`;
}

function tilesSql(tiles: Tiles, lowered: LoweredRolling, rows: string, dialect: Dialect): string {
  const group = [...names(lowered.keys), "b"];
  const parts = tiles.parts.map((part) => as(partSql(part, dialect), part.name));
  return `${select([...group, ...parts], inner(eventsSql(tiles, lowered, rows, dialect)))}\nGROUP BY ${group.join(", ")}`;
}

/** Selects columns of all rows, with the ends of their tiles. */
function eventsSql(
  { every, columns }: Pick<Tiles, "every" | "columns">,
  { keys, timestamp }: LoweredRolling,
  rows: string,
  dialect: Dialect,
): string {
  const length = dialect.literal(every, { kind: "int64" });
  const read = [...keys, ...columns].map(({ column, name }) => as(dialect.identifier(column), name));
  const timed = select([...read, as(dialect.microsecondsOf(dialect.identifier(timestamp)), "us")], inner(rows));
  // The remainder of a division has the sign of the dividend.
  const end = `us - (us % ${length} + ${length}) % ${length} + ${length}`;
  return select([...names(keys), ...names(columns), as(end, "b")], inner(timed));
}

/** Prints an aggregate over the values of a tile. */
function partSql({ value, compute, onlyFinite, of }: TilePart, dialect: Dialect): string {
  const finite = dialect.isFinite(value);
  const filter = onlyFinite ? ` FILTER (WHERE ${finite})` : "";
  const number = of.kind === "float64" ? value : dialect.conform(value, float64);
  switch (compute) {
    case "count":
      return `count(${value})`;
    case "sum":
      return dialect.total(value, of);
    case "min":
    case "max":
      return `${compute}(${value})`;
    case "mean":
      return `avg(${number})${filter}`;
    case "squaredDeviations":
      return `var_pop(${number})${filter} * count(${value})`;
    case "anyNonFinite":
      return `bool_or(NOT ${finite})`;
    case "list":
      return dialect.collect(number);
  }
}

function changesSql({ keys, tiles }: LoweredRolling, dialect: Dialect): string {
  const parts = tiles.flatMap((each) => each.parts);
  const nulls = (own: readonly TilePart[]): readonly string[] =>
    parts.map((part) => (own.includes(part) ? part.name : as(dialect.nullOf(part.kind), part.name)));
  const changes = tiles.flatMap(({ name, parts: own, windows }) => [
    select([...names(keys), "b", ...nulls(own)], name),
    ...windows.map((window) => select([...names(keys), `b + ${dialect.literal(window, { kind: "int64" })} AS b`, ...nulls([])], name)),
  ]);
  const group = [...names(keys), "b"];
  const values = parts.map(({ name, kind }) => as(dialect.anyValue(name, kind), name));
  return `${select([...group, ...values], inner(changes.join("\nUNION ALL\n")))}\nGROUP BY ${group.join(", ")}`;
}

function framedSql(lowered: LoweredRolling, dialect: Dialect): string {
  const { keys, pivots, windows, merges, aggregates } = lowered;
  // Rows without a time are after all others, where a window without a beginning would count the others too.
  const parted = [...names(keys), ...(windows.some(({ length }) => length === undefined) ? ["(b IS NULL)"] : [])];
  const partition = parted.length === 0 ? "" : `PARTITION BY ${parted.join(", ")} `;
  const first = pivots.map(({ name, mean }) => as(dialect.firstValue(mean, partition, "b"), name));
  const changes = aggregates.length === 0 ? "changes" : inner(withEvents(lowered, dialect));
  const rows = pivots.length === 0 ? changes : inner(select(["*", ...first], changes));
  const frames = windows.map(({ name, length }) => {
    const start = length === undefined ? "UNBOUNDED" : dialect.literal(String(BigInt(length) - 1n), { kind: "int64" });
    return `${name} AS (${partition}ORDER BY b RANGE BETWEEN ${start} PRECEDING AND CURRENT ROW)`;
  });
  const merged = [
    ...merges.map((merge) => as(`${mergeSql(merge, dialect)} OVER ${merge.window}`, merge.name)),
    ...aggregates.map((aggregate) => as(aggregateSql(aggregate, dialect), aggregate.name)),
  ];
  const kept = [...names(keys), "b", ...names(pivots)];
  if (aggregates.length === 0) return `${select([...kept, ...merged], rows)}\nWINDOW ${frames.join(", ")}`;
  const framed = `${select([...kept, "is_change", ...merged], rows)}\nWINDOW ${frames.join(", ")}`;
  return `${select([...kept, ...names(merges), ...names(aggregates)], inner(framed))}\nWHERE is_change`;
}

/** Selects the changes, and all events beside them. The parts of events and the values of changes are null, which no aggregate counts. */
function withEvents({ keys, tiles, events }: LoweredRolling, dialect: Dialect): string {
  const parts = tiles.flatMap((each) => each.parts);
  const values = events.flatMap((each) => each.columns);
  const nulls = (columns: readonly { readonly name: string; readonly kind: Kind }[]): readonly string[] =>
    columns.map(({ name, kind }) => as(dialect.nullOf(kind), name));
  const isChange = (value: "true" | "false"): string => as(dialect.literal(value, { kind: "boolean" }), "is_change");
  return [
    select([...names(keys), "b", ...names(parts), ...nulls(values), isChange("true")], "changes"),
    ...events.map(({ name, columns: own }) => {
      const others = values.map((value) => (own.includes(value) ? value.name : as(dialect.nullOf(value.kind), value.name)));
      return select([...names(keys), "b", ...nulls(parts), ...others, isChange("false")], name);
    }),
  ].join("\nUNION ALL\n");
}

/** Prints an aggregate over the events of a window. */
function aggregateSql({ function: name, input, of, by, byKind, window, result, ...options }: WindowAggregate, dialect: Dialect): string {
  const order = by === undefined || byKind === undefined ? undefined : { sql: by, type: byKind };
  return dialect.aggregate({ ...options, function: name, input: { sql: input, type: of }, by: order, over: window }, result);
}

/** Prints an aggregate over the tiles of a window. */
function mergeSql(merge: Merge, dialect: Dialect): string {
  switch (merge.by) {
    case "sum":
      return dialect.total(merge.part, merge.of);
    case "min":
    case "max":
      return `${merge.by}(${merge.part})`;
    case "any":
      return `bool_or(${merge.part})`;
    case "concatenate":
      return dialect.concatenate(merge.part);
    case "distance":
      return `sum(${merge.count} * (${merge.mean} - ${merge.pivot}))`;
    case "squaredDistance":
      return `sum(${merge.count} * power(${merge.mean} - ${merge.pivot}, 2))`;
  }
}

/** Prints a value of an output over the merged parts of `f`. */
function valueSql(value: RollingValue, dialect: Dialect): string {
  switch (value.is) {
    case "count":
      return `coalesce(f.${value.count}, 0)`;
    case "sum":
      return dialect.exactTotal(`f.${value.total}`, value.of);
    case "mean":
      return `(${dialect.conform(`f.${value.total}`, float64)} / f.${value.count})`;
    case "extreme":
      return `f.${value.part}`;
    case "median":
      return dialect.median(`f.${value.values}`);
    case "aggregate":
      return `f.${value.aggregate}`;
    case "deviation":
      return deviationSql(value.deviation, dialect);
  }
}

function names(columns: readonly { readonly name: string }[]): readonly string[] {
  return columns.map(({ name }) => name);
}

function as(sql: string, name: string): string {
  return `${sql} AS ${name}`;
}

function inner(rows: string): string {
  return `(\n${rows}\n) AS t`;
}

function select(columns: readonly string[], from: string): string {
  return `SELECT ${columns.join(", ")}\nFROM ${from}`;
}
