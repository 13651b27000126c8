import { type RollingAggregate, schemaOf } from "@mlforge/spec";
import { identifier } from "./identifier.js";
import { literal } from "./literal.js";
import { Partials } from "./partials.js";
import { deviationRepair } from "./stddev.js";

/**
 * Computes tiles, and then window frames over tiles.
 *
 * 1. `tiles`, for each `every`: one row per key and tile with partial aggregates and the end of the tile, `b`, in microseconds.
 * 2. `changes`: one row per key and time at which a tile enters or leaves a window, with the partials of the tiles that enter.
 * 3. `framed`: frames over `changes` merge the partials. The tiles with `b` in `(now - window, now]` are those within `[now - window, now)`,
 *    both at a boundary and between two.
 * 4. The outputs, made from the merged parts of their frames.
 */
export function duckdbRolling(plan: RollingAggregate, rows: string): string {
  const keys = plan.keys.map((_, index) => `k${index}`);
  const partition = keys.length === 0 ? "" : `PARTITION BY ${keys.join(", ")} `;
  const partials = new Partials(plan.outputs, schemaOf(plan.input));
  const outputs = plan.outputs.map((output) => `${partials.output(output)} AS ${identifier(output.name)}`);
  const deviations = plan.outputs.filter((output) => output.function === "std").map((output) => deviationRepair(output, partials, keys));
  // The same window can be written in two ways.
  const repairs = [...new Map(deviations.map((repair) => [repair.table, repair])).values()];
  const pivots = partials.pivots.map(({ mean, pivot }) => `first_value(${mean} IGNORE NULLS) OVER (${partition}ORDER BY b) AS ${pivot}`);
  const frames = partials.windows.map(({ name, window }) => {
    const preceding = literal(String(BigInt(window) - 1n), { kind: "int64" });
    return `${name} AS (${partition}ORDER BY b RANGE BETWEEN ${preceding} PRECEDING AND CURRENT ROW)`;
  });
  const merged = [...keys, "b", ...partials.pivots.map(({ pivot }) => pivot), ...partials.merged];
  const pivoted = pivots.length === 0 ? "changes" : `(${select(["*", ...pivots], "changes")}) AS t`;
  const named = [
    ...plan.keys.map((name, index) => `f.k${index} AS ${identifier(name)}`),
    `make_timestamp(f.b) AS ${identifier(plan.timestamp)}`,
    ...outputs,
  ];
  const tables = [
    ...partials.periods.map(({ every, tiles }) => `${tiles} AS MATERIALIZED (\n${tilesOf(every, partials, plan, rows)}\n)`),
    `changes AS NOT MATERIALIZED (\n${changesOf(partials, keys)}\n)`,
    `framed AS ${repairs.length === 0 ? "NOT " : ""}MATERIALIZED (\n${select(merged, pivoted)}\nWINDOW ${frames.join(", ")}\n)`,
    ...repairs.map(({ table }) => table),
  ];
  return `WITH ${tables.join(",\n")}\n${select(named, ["framed AS f", ...repairs.map(({ join }) => join)].join("\n"))}`;
}

function tilesOf(every: string, partials: Partials, plan: RollingAggregate, rows: string): string {
  const length = literal(every, { kind: "int64" });
  const used = partials.of(every).map(({ column, prefix }) => `${identifier(column)} AS ${prefix}`);
  const keys = plan.keys.map((name, index) => `${identifier(name)} AS k${index}`);
  const moment = `epoch_us(CAST(${identifier(plan.timestamp)} AS TIMESTAMP))`;
  const timed = select([...keys, ...used, `${moment} AS b`], `(\n${rows}\n) AS t`);
  // The remainder of a division has the sign of the dividend.
  const end = `b - (b % ${length} + ${length}) % ${length} + ${length} AS b`;
  const values = partials.of(every).flatMap(({ tile }) => tile);
  return `${select([...plan.keys.map((_, index) => `k${index}`), end, ...values], `(${timed}) AS t`)}\nGROUP BY ALL`;
}

function changesOf(partials: Partials, keys: readonly string[]): string {
  const moments = partials.periods.flatMap(({ every, tiles }) => {
    const lengths = partials.windowsOf(every).map((window) => literal(window, { kind: "int64" }));
    return [`SELECT * FROM ${tiles}`, ...lengths.map((length) => select([...keys, `b + ${length} AS b`], tiles))];
  });
  const values = partials.names.map((name) => `any_value(${name}) AS ${name}`);
  return `${select([...keys, "b", ...values], `(\n${moments.join("\nUNION ALL BY NAME\n")}\n) AS t`)}\nGROUP BY ALL`;
}

function select(columns: readonly string[], from: string): string {
  return `SELECT ${columns.join(", ")}\nFROM ${from}`;
}
