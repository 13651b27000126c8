import type { RollingFunction } from "@mlforge/spec";
import { floorTo } from "./timestamps.js";

/** Bigints are int64, and decimals without their point. */
export type Value = bigint | number | string | boolean | null;
type Present = Exclude<Value, null>;

export interface Event {
  readonly at: bigint;
  readonly values: Readonly<Record<string, Value>>;
}

export interface Output {
  readonly name: string;
  readonly column: string;
  readonly function: RollingFunction;
  /** True if the moment of the event orders the values. */
  readonly by?: "at" | undefined;
  readonly quantile?: number | undefined;
  readonly limit?: number | undefined;
  readonly descending?: boolean | undefined;
  readonly every: bigint;
  /** Undefined if the window has no beginning. */
  readonly window?: bigint | undefined;
}

/** The factors by which decimals are stored, by column: 100 for two digits after the point. */
export type Scales = Readonly<Record<string, number>>;

/** Computes an output at a timestamp from its definition, over the events of one key in the window that ends with the last whole tile. Lists are JSON. */
export function valueAt(timestamp: bigint, output: Output, events: readonly Event[], scales: Scales): Value {
  const end = floorTo(output.every, timestamp);
  const values = events
    .filter(({ at }) => (output.window === undefined || at >= end - output.window) && at < end)
    .flatMap(({ at, values }) => {
      const value = values[output.column] ?? null;
      return value === null ? [] : [{ at, value }];
    });
  return aggregate(output, values, scales[output.column] ?? 1);
}

/** Returns the timestamps at which a tile enters or leaves a window of an output. */
export function changesOf(outputs: readonly Output[], events: readonly Event[]): ReadonlySet<bigint> {
  const ends = events.flatMap(({ at }) => outputs.map(({ every, window }) => ({ end: floorTo(every, at) + every, window })));
  return new Set(ends.flatMap(({ end, window }) => (window === undefined ? [end] : [end, end + window])));
}

interface Timed {
  readonly at: bigint;
  readonly value: Present;
}

const counts: readonly RollingFunction[] = ["count", "countDistinct", "approxCountDistinct"];

function aggregate(output: Output, timed: readonly Timed[], scale: number): Value {
  const { function: name, quantile = 0.5, limit, descending = false } = output;
  const values = timed.map(({ value }) => value);
  if (name === "count") return BigInt(values.length);
  if (counts.includes(name)) return BigInt(byFrequency(values).length);
  if (values.length < (name === "std" || name === "var" ? 2 : 1)) return null;
  switch (name) {
    case "sum":
      return total(values);
    case "mean":
      return Number(total(values)) / values.length / scale;
    case "min":
      return values.reduce((least, value) => (compare(value, least) < 0 ? value : least));
    case "max":
      return values.reduce((most, value) => (compare(value, most) > 0 ? value : most));
    case "median":
    case "quantile":
      return between([...values].sort(compare), quantile) / scale;
    case "std":
      return deviation(values) / scale;
    case "var":
      return (deviation(values) / scale) ** 2;
    case "any":
      return values.includes(true);
    case "every":
      return !values.includes(false);
    case "first":
      return inOrder(timed, false)[0]?.value ?? null;
    case "last":
      return [...timed].sort((a, b) => compare(b.at, a.at) || compare(b.value, a.value))[0]?.value ?? null;
    case "mode":
      return byFrequency(values)[0] ?? null;
    case "topK":
      return listText(byFrequency(values).slice(0, limit));
    case "collect":
      return listText(
        inOrder(timed, descending)
          .map(({ value }) => value)
          .slice(0, limit),
      );
    default:
      throw new TypeError(`the oracle does not know ${name}`);
  }
}

/** Orders values by their time, and values of one time by themselves. */
function inOrder(timed: readonly Timed[], descending: boolean): readonly Timed[] {
  return [...timed].sort((a, b) => compare(a.at, b.at) * (descending ? -1 : 1) || compare(a.value, b.value));
}

/** Returns the distinct values, the most frequent first, and the least of equally frequent ones first. Zeros are equal, and so are NaNs. */
function byFrequency(values: readonly Present[]): readonly Present[] {
  const frequencies = new Map<string, { readonly value: Present; count: number }>();
  for (const given of values) {
    const value = given === 0 ? 0 : given;
    const found = frequencies.get(`${typeof value} ${value}`);
    if (found === undefined) frequencies.set(`${typeof value} ${value}`, { value, count: 1 });
    else found.count++;
  }
  return [...frequencies.values()].sort((a, b) => b.count - a.count || compare(a.value, b.value)).map(({ value }) => value);
}

function listText(values: readonly Present[]): string {
  return JSON.stringify(values, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

function total(values: readonly Present[]): bigint | number {
  const integers = values.filter((value) => typeof value === "bigint");
  if (integers.length === values.length) return integers.reduce((sum, value) => sum + value, 0n);
  return values.reduce((sum: number, value) => sum + Number(value), 0);
}

/** Orders NaN after all numbers, and strings by their UTF-8 bytes. */
function compare(a: Present, b: Present): number {
  if (typeof a === "string" || typeof b === "string") return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Interpolates between the two values around a quantile (type 7 of Hyndman and Fan 1996). */
function between(sorted: readonly Present[], quantile: number): number {
  const position = (sorted.length - 1) * quantile;
  const low = Number(sorted[Math.floor(position)]);
  const high = Number(sorted[Math.ceil(position)]);
  const part = position - Math.floor(position);
  if (part === 0) return low;
  return part === 0.5 ? (low + high) / 2 : low + (high - low) * part;
}

/** The fraction in which exact arithmetic counts doubles. */
const parts = 1024;

/** Computes the sample standard deviation, exactly up to the root: n * sum(x^2) - sum(x)^2 over n * (n - 1). */
function deviation(values: readonly Present[]): number {
  if (values.some((value) => typeof value === "number" && !Number.isFinite(value))) return Number.NaN;
  const whole = values.map((value) => (typeof value === "bigint" ? value * BigInt(parts) : BigInt(Number(value) * parts)));
  const count = BigInt(whole.length);
  const sum = whole.reduce((all, value) => all + value, 0n);
  const squares = whole.reduce((all, value) => all + value * value, 0n);
  return Math.sqrt(Number(count * squares - sum * sum) / Number(count * (count - 1n))) / parts;
}
