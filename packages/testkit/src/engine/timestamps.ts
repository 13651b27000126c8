import * as fc from "fast-check";

/** The first microsecond of the year 1, as microseconds since 1970. */
export const firstTimestamp: bigint = BigInt(Date.parse("0001-01-01T00:00:00Z")) * 1000n;
/** The last microsecond of the year 9999. */
export const lastTimestamp: bigint = BigInt(Date.parse("9999-12-31T23:59:59.999Z")) * 1000n + 999n;

export const second: bigint = 1_000_000n;
export const minute: bigint = 60n * second;
export const hour: bigint = 60n * minute;
export const day: bigint = 24n * hour;
export const week: bigint = 7n * day;

const bases: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(
    0n,
    firstTimestamp,
    lastTimestamp,
    -week,
    BigInt(Date.parse("2024-03-31T00:00:00Z")) * 1000n,
    BigInt(Date.parse("2024-11-03T00:00:00Z")) * 1000n,
  ),
  fc.bigInt({ min: firstTimestamp, max: lastTimestamp }),
  fc.bigInt({ min: firstTimestamp / week, max: lastTimestamp / week }).map((weeks) => weeks * week),
);

/** Generates timestamps close enough to share windows: on boundaries of tiles of every length, a microsecond beside them, and anywhere. */
export function timestampsNear(): fc.Arbitrary<fc.Arbitrary<bigint>> {
  return bases.map((base) =>
    fc
      .record({
        unit: fc.constantFrom(second, minute, hour, day, week),
        steps: fc.integer({ min: -8, max: 8 }),
        rest: fc.oneof(fc.constantFrom(0n, 0n, -1n, 1n), fc.bigInt({ min: -hour, max: hour })),
      })
      .map(({ unit, steps, rest }) => clamp(base + BigInt(steps) * unit + rest)),
  );
}

function clamp(micros: bigint): bigint {
  if (micros < firstTimestamp) return firstTimestamp;
  return micros > lastTimestamp ? lastTimestamp : micros;
}

/** Returns the greatest multiple of `length` that is not after a timestamp. */
export function floorTo(length: bigint, micros: bigint): bigint {
  return micros - (((micros % length) + length) % length);
}

export function timestampText(micros: bigint): string {
  const seconds = floorTo(second, micros);
  const date = new Date(Number(seconds / 1000n)).toISOString().slice(0, 19);
  return `${date}.${String(micros - seconds).padStart(6, "0")}Z`;
}
