import type { Dialect, Kind } from "../dialect.js";
import { deviationSql, exactJoin, exactTable } from "./deviation-sql.js";
import type { LoweredRolling, Merge, RollingValue, TilePart, Tiles } from "./lowered-rolling.js";

const float64: Kind = { kind: "float64" };

/** Prints a lowered rolling aggregate over compiled rows. */
export function rollingSql(lowered: LoweredRolling, rows: string, dialect: Dialect): string {
  const { deviations } = lowered;
  const tables = [
    ...lowered.tiles.map((tiles) => dialect.commonTable(tiles.name, tilesSql(tiles, lowered, rows, dialect), true)),
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

function tilesSql({ every, columns, parts }: Tiles, { keys, timestamp }: LoweredRolling, rows: string, dialect: Dialect): string {
  const length = dialect.literal(every, { kind: "int64" });
  const read = [...keys, ...columns].map(({ column, name }) => as(dialect.identifier(column), name));
  const timed = select([...read, as(dialect.microsecondsOf(dialect.identifier(timestamp)), "us")], inner(rows));
  // The remainder of a division has the sign of the dividend.
  const end = `us - (us % ${length} + ${length}) % ${length} + ${length}`;
  const tiled = select([...names(keys), ...names(columns), as(end, "b")], inner(timed));
  const group = [...names(keys), "b"];
  return `${select([...group, ...parts.map((part) => as(partSql(part, dialect), part.name))], inner(tiled))}\nGROUP BY ${group.join(", ")}`;
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

function framedSql({ keys, pivots, windows, merges }: LoweredRolling, dialect: Dialect): string {
  const partition = keys.length === 0 ? "" : `PARTITION BY ${names(keys).join(", ")} `;
  const first = pivots.map(({ name, mean }) => as(dialect.firstValue(mean, partition, "b"), name));
  const rows = pivots.length === 0 ? "changes" : inner(select(["*", ...first], "changes"));
  const frames = windows.map(({ name, length }) => {
    const preceding = dialect.literal(String(BigInt(length) - 1n), { kind: "int64" });
    return `${name} AS (${partition}ORDER BY b RANGE BETWEEN ${preceding} PRECEDING AND CURRENT ROW)`;
  });
  const merged = merges.map((merge) => as(`${mergeSql(merge, dialect)} OVER ${merge.window}`, merge.name));
  return `${select([...names(keys), "b", ...names(pivots), ...merged], rows)}\nWINDOW ${frames.join(", ")}`;
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
