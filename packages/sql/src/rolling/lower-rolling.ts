import { findColumn, kindOf, type RollingAggregate, schemaOf } from "@mlforge/spec";
import { deviationOf, type LoweredOutput, mergesOf, rollingValueOf, tilePartsOf } from "./lower-output.js";
import type { LoweredRolling, Tiles } from "./lowered-rolling.js";

/** Lowers a rolling aggregate to tiles, windows over them, and values. Every part is kept and merged once, even if several outputs need it. */
export function lowerRolling(plan: RollingAggregate): LoweredRolling {
  const { keys, timestamp } = plan;
  const windows = distinct(plan.outputs.map(({ window }) => window)).map((length, index) => ({ name: `w${index}`, length }));
  const periods = distinct(plan.outputs.map(({ every }) => every)).map((every, period) => {
    const columns = distinct(plan.outputs.filter((output) => output.every === every).map(({ column }) => column));
    return { every, name: `tiles${period}`, columns: columns.map((column, index) => ({ column, name: `p${period}_${index}` })) };
  });
  const schema = schemaOf(plan.input);
  const lowered = plan.outputs.map((output): LoweredOutput => {
    const { name, columns } = found(periods, ({ every }) => every === output.every);
    return {
      output,
      of: kindOf(findColumn(output.column, schema)),
      tiles: name,
      values: found(columns, ({ column }) => column === output.column).name,
      window: found(windows, ({ length }) => length === output.window).name,
    };
  });
  const results = schemaOf(plan);
  const deviations = lowered.filter(({ output }) => output.function === "std").map(deviationOf);
  return {
    keys: keys.map((column, index) => ({ column, name: `k${index}` })),
    timestamp,
    tiles: periods.map(({ every, name, columns }): Tiles => {
      const kept = lowered.filter(({ tiles }) => tiles === name);
      const parts = columns.flatMap((column) => kept.filter(({ values }) => values === column.name).flatMap(tilePartsOf));
      return { name, every, columns, parts: distinctBy("name", parts), windows: distinct(kept.map(({ output }) => output.window)) };
    }),
    pivots: distinctBy(
      "name",
      deviations.map(({ pivot, tile }) => ({ name: pivot, mean: tile.mean })),
    ),
    windows,
    merges: distinctBy("name", lowered.flatMap(mergesOf)),
    deviations: distinctBy("exact", deviations),
    outputs: lowered.map((each) => ({
      name: each.output.name,
      kind: kindOf(findColumn(each.output.name, results)),
      value: rollingValueOf(each),
    })),
  };
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** Keeps one of the values with the same name, which are all equal. */
function distinctBy<K extends string, T extends Readonly<Record<K, string>>>(name: K, values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [value[name], value])).values()];
}

function found<T>(values: readonly T[], matches: (value: T) => boolean): T {
  const value = values.find(matches);
  if (value === undefined) throw new TypeError("a rolling output without its tiles");
  return value;
}
