import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, rowsOf } from "./arrow-rows.js";
import { day, hour } from "./moments.js";
import { type Case, cases, eventsFile, type KeyedEvent, keyText, outputs, rollUp, scales } from "./rolling-cases.js";
import { changesOf, type Event, type Output, type Value, valueAt } from "./rolling-oracle.js";

const engine = new DuckDBEngine({ threads: 2 });
let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-rolling-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Each run has 25 cases. Shrinking ends before the test does, and says what it found. */
const runs = { numRuns: 40, interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true };
const fileName = (): string => `${files++}.ndjson`;

interface Computed {
  readonly at: bigint;
  readonly values: readonly Cell[];
}

/** The rows of each key in the order of time; those without a timestamp aside. */
async function computed(
  cases: readonly Case[],
  outputs: readonly Output[],
  order?: Parameters<typeof eventsFile>[3],
): Promise<Map<string, Computed[]>> {
  const input = await eventsFile(folder, fileName(), cases, order);
  const found = new Map<string, Computed[]>();
  for (const [index, a, b, f, at, ...values] of await rowsOf(engine, { op: "sort", by: ["at"], input: rollUp(input, outputs) })) {
    if (typeof at === "bigint") append(found, keyText([index, a, b, f]), { at, values });
  }
  return found;
}

function eventsByKey(cases: readonly Case[]): Map<string, Event[]> {
  const byKey = new Map<string, Event[]>();
  for (const [index, events] of cases.entries()) {
    for (const { key, at, values } of events) if (at !== null) append(byKey, keyText([index, ...key]), { at, values });
  }
  return byKey;
}

function append<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** Whether a value is what it must be: exactly, but for what is divided or drawn a root of in doubles. */
function agrees(found: Value | boolean | undefined, wanted: Value | boolean | undefined, output: Output): boolean {
  // The least and the greatest int32 are an int32.
  if (typeof found === "number" && typeof wanted === "bigint") return found === Number(wanted);
  if (typeof found !== "number" || typeof wanted !== "number" || Number.isNaN(wanted) || !Number.isFinite(wanted))
    return Object.is(found, wanted);
  const exact = { sum: true, count: true, min: true, max: true, mean: false, median: false, std: false }[output.function];
  if (exact) return found === wanted;
  // The two in the middle may be far greater than their mean.
  const rest = output.column === "n" && output.function === "median" ? 2 ** 10 : 0;
  return Math.abs(found - wanted) <= 1e-9 * Math.abs(wanted) + rest;
}

function expectValues(
  found: readonly Cell[],
  outputs: readonly Output[],
  wanted: (output: Output) => Value | boolean | undefined,
  where: string,
): void {
  for (const [index, output] of outputs.entries()) {
    const value = wanted(output);
    if (!agrees(found[index], value, output)) expect.fail(`${output.name} is ${found[index]}, not ${value}, ${where}`);
  }
}

describe("a roll-up", () => {
  it("has a row for each moment at which a tile enters or leaves a window, with the values of the windows then", async () => {
    await fc.assert(
      fc.asyncProperty(cases, outputs, async (cases, outputs) => {
        const found = await computed(cases, outputs);
        const byKey = eventsByKey(cases);
        expect(new Set(found.keys())).toEqual(new Set(byKey.keys()));
        for (const [key, events] of byKey) {
          const rows = found.get(key) ?? [];
          const moments = [...changesOf(outputs, events)].sort((a, b) => (a < b ? -1 : 1));
          expect(rows.map(({ at }) => at)).toEqual(moments);
          for (const { at, values } of rows)
            expectValues(values, outputs, (output) => valueAt(at, output, events, scales), `${key} at ${at}`);
        }
      }),
      runs,
    );
  });

  it("gives as of any moment what the windows hold then", async () => {
    const offset = fc.oneof(
      fc.constantFrom(0n, 1n, -1n),
      fc.bigInt({ min: -400n * day, max: 400n * day }),
      fc.bigInt({ min: -hour, max: hour }),
    );
    await fc.assert(
      fc.asyncProperty(cases, outputs, fc.array(offset, { minLength: 8, maxLength: 8 }), async (cases, outputs, offsets) => {
        const found = await computed(cases, outputs);
        for (const [key, events] of eventsByKey(cases)) {
          const rows = found.get(key) ?? [];
          for (const [index, offset] of offsets.entries()) {
            const moment = (events[index % events.length]?.at ?? 0n) + offset;
            const newest = rows.filter(({ at }) => at <= moment).at(-1);
            const values = newest?.values ?? outputs.map((output) => (output.function === "count" ? 0n : null));
            expectValues(values, outputs, (output) => valueAt(moment, output, events, scales), `${key} at ${moment}`);
          }
        }
      }),
      runs,
    );
  });

  it("does not change up to a moment when later events come", async () => {
    await fc.assert(
      fc.asyncProperty(cases, outputs, fc.nat(9), async (cases, outputs, position) => {
        // Each case has its own moment, that of one of its events.
        const cuts = cases.map((events) => events[position % events.length]?.at ?? 0n);
        const known = (event: KeyedEvent, index: number): boolean => event.at === null || event.at < (cuts[index] ?? 0n);
        const early = await computed(
          cases.map((events, index) => events.filter((event) => known(event, index))),
          outputs,
        );
        const all = await computed(cases, outputs);
        const cutOf = new Map(cases.flatMap((events, index) => events.map(({ key }) => [keyText([index, ...key]), cuts[index] ?? 0n])));
        for (const [key, cut] of cutOf) {
          const upTo = (rows: readonly Computed[] = []): readonly Computed[] => rows.filter(({ at }) => at <= cut);
          const [before, after] = [upTo(early.get(key)), upTo(all.get(key))];
          expect(after.map(({ at }) => at)).toEqual(before.map(({ at }) => at));
          for (const [row, { at, values }] of after.entries()) {
            expectValues(values, outputs, (output) => before[row]?.values[outputs.indexOf(output)], `${key} at ${at}`);
          }
        }
      }),
      runs,
    );
  });

  it("does not depend on the order of its input", async () => {
    await fc.assert(
      fc.asyncProperty(cases, outputs, fc.array(fc.nat(), { minLength: 250, maxLength: 250 }), async (cases, outputs, ranks) => {
        const found = await computed(cases, outputs);
        const shuffled = await computed(cases, outputs, (rows) =>
          [...rows.entries()].sort(([a], [b]) => (ranks[a] ?? 0) - (ranks[b] ?? 0)).map(([, row]) => row),
        );
        expect(new Set(shuffled.keys())).toEqual(new Set(found.keys()));
        for (const [key, rows] of found) {
          const others = shuffled.get(key) ?? [];
          expect(others.map(({ at }) => at)).toEqual(rows.map(({ at }) => at));
          for (const [row, { at, values }] of others.entries()) {
            expectValues(values, outputs, (output) => rows[row]?.values[outputs.indexOf(output)], `${key} at ${at}`);
          }
        }
      }),
      runs,
    );
  });
});
