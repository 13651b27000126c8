import type { Plan, RollingAggregate, RollingFunction, Schema } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "./arrow-rows.js";
import type { Claims } from "./claims.js";
import { nullable, type Text, table } from "./plans.js";
import type { Event, Output, Scales, Value } from "./rolling-oracle.js";
import { day, hour, minute, second, timestampsNear, timestampText, week } from "./timestamps.js";

/** Events of a few keys. */
export type Case = readonly KeyedEvent[];

export interface KeyedEvent extends Omit<Event, "at"> {
  readonly key: Key;
  readonly at: bigint | null;
}

/** Two strings that look alike once they are concatenated, and a double. */
type Key = readonly [string | null, string | null, number | null];

const eventSchema: Schema = [
  nullable("case", "int64"),
  nullable("a", "string"),
  nullable("b", "string"),
  nullable("f", "float64"),
  nullable("at", "timestamp"),
  nullable("n", "int64"),
  nullable("m", "int32"),
  nullable("x", "float64"),
  nullable("d", "decimal", { precision: 12, scale: 2 }),
  nullable("s", "string"),
  nullable("t", "boolean"),
];

export const scales: Scales = { d: 100 };

const part = fc.constantFrom(null, "", "x", "xy", "y", "yx", "null");
const key: fc.Arbitrary<Key> = fc.tuple(part, part, fc.constantFrom(null, 0, -0, Number.NaN, 0.1));

/** Generates doubles whose sums are exact, and also NaN and infinities. */
const double = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -4000, max: 4000 }).map((quarters) => quarters / 4) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);

const values: fc.Arbitrary<Record<string, Value>> = fc.record({
  // Ten of them stay within an int64.
  n: fc.option(fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: -(2n ** 59n), max: 2n ** 59n })), { freq: 6 }),
  m: fc.option(fc.bigInt({ min: -1000n, max: 1000n }), { freq: 6 }),
  x: fc.option(double, { freq: 6 }),
  d: fc.option(fc.bigInt({ min: -99_999n, max: 99_999n }), { freq: 6 }),
  s: fc.option(fc.oneof(fc.constantFrom("", "a", "b"), fc.string({ unit: "binary", maxLength: 3 })), { freq: 6 }),
  t: fc.option(fc.boolean(), { freq: 6 }),
});

const eventsOfCase: fc.Arbitrary<Case> = fc
  .tuple(timestampsNear(), fc.array(key, { minLength: 1, maxLength: 3 }))
  .chain(([timestamp, keys]) =>
    fc.array(
      fc
        .record({ key: fc.constantFrom(...keys), at: fc.option(timestamp, { freq: 20 }), values })
        .map(({ key, at, values }): KeyedEvent => ({ key, at, values })),
      { maxLength: 10 },
    ),
  );

/** Cases that are computed in one call. Shrinking empties them. */
export const cases: fc.Arbitrary<readonly Case[]> = fc.array(eventsOfCase, { minLength: 25, maxLength: 25 });

type Call = readonly [column: string, function: RollingFunction, options?: Pick<Output, "by" | "quantile" | "limit" | "descending">];

const functionsOf: readonly Call[] = [
  ...(["sum", "mean", "count", "min", "max", "median"] as const).map((name) => ["n", name] as const),
  ...["m", "x", "d"].flatMap((column) =>
    (["sum", "mean", "count", "min", "max", "median", "std"] as const).map((name) => [column, name] as const),
  ),
  ...(["count", "min", "max"] as const).map((name) => ["s", name] as const),
  ...["n", "m", "x", "s", "t"].flatMap((column): readonly Call[] => [
    [column, "countDistinct"],
    [column, "approxCountDistinct"],
    [column, "first", { by: "at" }],
    [column, "last", { by: "at" }],
    [column, "mode"],
  ]),
  ...["n", "s"].flatMap((column): readonly Call[] => [
    [column, "topK", { limit: 2 }],
    [column, "collect", { by: "at" }],
    [column, "collect", { by: "at", descending: true, limit: 3 }],
  ]),
  ...["m", "d"].flatMap((column): readonly Call[] => [
    [column, "quantile", { quantile: 0.9 }],
    [column, "var"],
  ]),
  ["t", "any"],
  ["t", "every"],
];

/** Generates outputs over tiles of one or several lengths, of the aggregates that an engine claims. */
export function outputsFor(claims: Claims): fc.Arbitrary<readonly Output[]> {
  const claimed = functionsOf.filter(([name, aggregate]) => {
    const kind = eventSchema.find((column) => column.name === name)?.kind;
    return kind !== undefined && claims({ kinds: [kind], rolling: [aggregate] });
  });
  return fc
    .array(
      fc.record({
        of: fc.constantFrom(...claimed),
        every: fc.constantFrom(second, minute, 15n * minute, hour, day, 3n * day, week),
        times: fc.constantFrom(1n, 2n, 3n, 7n, 30n, undefined),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((chosen) =>
      chosen.map(({ of: [column, name, options], every, times }, index) => ({
        name: `o${index}`,
        column,
        function: name,
        ...options,
        every,
        window: times === undefined ? undefined : every * times,
      })),
    );
}

export function rollUp(input: Plan, outputs: readonly Output[], keys: readonly string[] = ["case", "a", "b", "f"]): RollingAggregate {
  return {
    op: "rollingAggregate",
    input,
    keys,
    timestamp: "at",
    outputs: outputs.map((output) => ({
      ...output,
      every: String(output.every),
      window: output.window === undefined ? undefined : String(output.window),
    })),
  };
}

/** Returns the events of all cases with the columns that an engine can hold, in the order of `order`. */
export function eventsOf(
  cases: readonly Case[],
  claims: Claims,
  order: (rows: readonly Text[][]) => readonly Text[][] = (rows) => rows,
): Plan {
  const held = eventSchema.map(({ kind }) => claims({ kinds: [kind] }));
  const rows = cases.flatMap((events, index) =>
    events.map(({ key, at, values }) => {
      const texts = eventSchema.slice(5).map((column) => textOf(values[column.name] ?? null, column.name));
      return [String(index), key[0], key[1], textOf(key[2], "f"), at === null ? null : timestampText(at), ...texts].filter(
        (_, place) => held[place],
      );
    }),
  );
  return table(
    eventSchema.filter((_, place) => held[place]),
    order(rows),
  );
}

function textOf(value: Value, column: string): Text {
  if (value === null) return null;
  if (Object.is(value, -0)) return "-0";
  if (column !== "d" || typeof value !== "bigint") return String(value);
  const digits = String(value < 0n ? -value : value).padStart(3, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Returns a text for each key, the same for equal keys. */
export function keyText(cells: readonly (Cell | undefined)[]): string {
  return JSON.stringify(cells.map((cell) => (typeof cell === "number" || typeof cell === "bigint" ? `${cell === 0 ? 0 : cell}` : cell)));
}
