import type { RollingFunction } from "@mlforge/spec";
import { floorTo } from "./timestamps.js";

/** Bigints are int64, and decimals without their point. */
export type Value = bigint | number | string | null;

export interface Event {
  readonly at: bigint;
  readonly values: Readonly<Record<string, Value>>;
}

export interface Output {
  readonly name: string;
  readonly column: string;
  readonly function: RollingFunction;
  readonly every: bigint;
  readonly window: bigint;
}

/** The factors by which decimals are stored, by column: 100 for two digits after the point. */
export type Scales = Readonly<Record<string, number>>;

/** Computes an output at a timestamp from its definition, over the events of one key in the window that ends with the last whole tile. */
export function valueAt(timestamp: bigint, output: Output, events: readonly Event[], scales: Scales): Value {
  const end = floorTo(output.every, timestamp);
  const values = events
    .filter(({ at }) => at >= end - output.window && at < end)
    .map((event) => event.values[output.column] ?? null)
    .filter((value) => value !== null);
  return aggregate(output.function, values, scales[output.column] ?? 1);
}

/** Returns the timestamps at which a tile enters or leaves a window of an output. */
export function changesOf(outputs: readonly Output[], events: readonly Event[]): ReadonlySet<bigint> {
  const ends = events.flatMap(({ at }) => outputs.map(({ every, window }) => ({ end: floorTo(every, at) + every, window })));
  return new Set(ends.flatMap(({ end, window }) => [end, end + window]));
}

function aggregate(name: RollingFunction, values: readonly (bigint | number | string)[], scale: number): Value {
  if (name === "count") return BigInt(values.length);
  if (values.length < (name === "std" ? 2 : 1)) return null;
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
      return middle([...values].sort(compare)) / scale;
    case "std":
      return deviation(values) / scale;
  }
}

function total(values: readonly (bigint | number | string)[]): bigint | number {
  const integers = values.filter((value) => typeof value === "bigint");
  if (integers.length === values.length) return integers.reduce((sum, value) => sum + value, 0n);
  return values.reduce((sum: number, value) => sum + Number(value), 0);
}

/** Orders NaN after all numbers, and strings by their UTF-8 bytes. */
function compare(a: bigint | number | string, b: bigint | number | string): number {
  if (typeof a === "string" || typeof b === "string") return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function middle(sorted: readonly (bigint | number | string)[]): number {
  const low = Number(sorted[Math.floor((sorted.length - 1) / 2)]);
  const high = Number(sorted[Math.ceil((sorted.length - 1) / 2)]);
  return (low + high) / 2;
}

/** The fraction in which exact arithmetic counts doubles. */
const parts = 1024;

/** Computes the sample standard deviation, exactly up to the root: n * sum(x^2) - sum(x)^2 over n * (n - 1). */
function deviation(values: readonly (bigint | number | string)[]): number {
  if (values.some((value) => typeof value === "number" && !Number.isFinite(value))) return Number.NaN;
  const whole = values.map((value) => (typeof value === "bigint" ? value * BigInt(parts) : BigInt(Number(value) * parts)));
  const count = BigInt(whole.length);
  const sum = whole.reduce((all, value) => all + value, 0n);
  const squares = whole.reduce((all, value) => all + value * value, 0n);
  return Math.sqrt(Number(count * squares - sum * sum) / Number(count * (count - 1n))) / parts;
}
