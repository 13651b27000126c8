import { findColumn, kindOf, type RollingAggregate, schemaOf } from "@mlforge/spec";
import { deviationOf, isTiled, type LoweredOutput, mergesOf, rollingValueOf, tilePartsOf } from "./lower-output.js";
import type { Events, LoweredRolling, RollingValue, Tiles, WindowAggregate } from "./lowered-rolling.js";

/** Lowers a rolling aggregate to tiles, windows over them, and values. Every part is kept and merged once, even if several outputs need it. */
export function lowerRolling(plan: RollingAggregate): LoweredRolling {
  const { keys, timestamp } = plan;
  const schema = schemaOf(plan.input);
  const results = schemaOf(plan);
  const kindIn = (name: string) => kindOf(findColumn(name, schema));
  const windows = distinct(plan.outputs.map(({ window }) => window)).map((length, index) => ({ name: `w${index}`, length }));
  const windowOf = (wanted: string | undefined): string => found(windows, ({ length }) => length === wanted).name;
  const periods = distinct(plan.outputs.map(({ every }) => every)).map((every, period) => {
    const own = plan.outputs.filter((output) => output.every === every);
    const tiled = own.filter((output) => isTiled(output, kindIn(output.column)));
    const listed = own.filter((output) => !isTiled(output, kindIn(output.column)));
    const columns = distinct(tiled.map(({ column }) => column)).map((column, index) => ({ column, name: `p${period}_${index}` }));
    const values = distinct(listed.flatMap(({ column, by }) => (by === undefined ? [column] : [column, by])));
    return {
      every,
      name: `tiles${period}`,
      lengths: distinct(own.flatMap(({ window }) => (window === undefined ? [] : [window]))),
      columns,
      events: values.map((column, index) => ({ column, name: `e${period}_${index}`, kind: kindIn(column) })),
    };
  });
  const lowered = plan.outputs.map((output, index): LoweredOutput | WindowAggregate => {
    const { name, columns, events } = found(periods, ({ every }) => every === output.every);
    const of = kindIn(output.column);
    const window = windowOf(output.window);
    if (isTiled(output, of))
      return { output, of, tiles: name, values: found(columns, ({ column }) => column === output.column).name, window };
    const eventOf = (wanted: string) => found(events, ({ column }) => column === wanted);
    const by = output.by === undefined ? undefined : eventOf(output.by);
    return {
      name: `a${index}`,
      window,
      function: output.function,
      input: eventOf(output.column).name,
      of,
      ...(by === undefined ? {} : { by: by.name, byKind: by.kind }),
      ...(output.quantile === undefined ? {} : { quantile: output.quantile }),
      ...(output.limit === undefined ? {} : { limit: output.limit }),
      ...(output.descending === undefined ? {} : { descending: output.descending }),
      ...(output.edges === undefined ? {} : { edges: output.edges }),
      result: kindOf(findColumn(output.name, results)),
    };
  });
  const tiled = lowered.filter((each) => "tiles" in each);
  const deviations = tiled.filter(({ output }) => output.function === "std").map(deviationOf);
  return {
    keys: keys.map((column, index) => ({ column, name: `k${index}` })),
    timestamp,
    tiles: periods.map(({ every, name, columns, lengths }): Tiles => {
      const kept = tiled.filter(({ tiles }) => tiles === name);
      const parts = columns.flatMap((column) => kept.filter(({ values }) => values === column.name).flatMap(tilePartsOf));
      return { name, every, columns, parts: distinctBy("name", parts), windows: lengths };
    }),
    pivots: distinctBy(
      "name",
      deviations.map(({ pivot, tile }) => ({ name: pivot, mean: tile.mean })),
    ),
    windows: windows.map(({ name, length }) => (length === undefined ? { name } : { name, length })),
    events: periods.flatMap(({ every, events }, period): readonly Events[] =>
      events.length === 0 ? [] : [{ name: `events${period}`, every, columns: events }],
    ),
    aggregates: lowered.flatMap((each) => ("tiles" in each ? [] : [each])),
    merges: distinctBy("name", tiled.flatMap(mergesOf)),
    deviations: distinctBy("exact", deviations),
    outputs: plan.outputs.map(({ name }, index) => ({
      name,
      kind: kindOf(findColumn(name, results)),
      value: outputValueOf(lowered[index]),
    })),
  };
}

function outputValueOf(lowered: LoweredOutput | WindowAggregate | undefined): RollingValue {
  if (lowered === undefined) throw new TypeError("a rolling output that was not lowered");
  return "tiles" in lowered ? rollingValueOf(lowered) : { is: "aggregate", aggregate: lowered.name };
}

function distinct<T>(values: readonly T[]): readonly T[] {
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
