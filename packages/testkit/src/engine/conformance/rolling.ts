import { deepEqual, fail } from "node:assert/strict";
import type { Plan, RollingFunction } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "../arrow-rows.js";
import type { Claims } from "../claims.js";
import { sorted } from "../plans.js";
import { type Case, cases, eventsOf, type KeyedEvent, keyText, outputsFor, rollUp, scales } from "../rolling-cases.js";
import { changesOf, type Event, type Output, type Value, valueAt } from "../rolling-oracle.js";
import type { EngineLaw, EngineTools } from "../runner.js";
import { day, hour } from "../timestamps.js";
import { assertInTime } from "./runs.js";

const needs = { operations: ["rollingAggregate", "sort"], rolling: ["count"], kinds: ["float64", "timestamp"] } as const;

interface Computed {
  readonly at: bigint;
  readonly values: readonly Cell[];
}

/** Returns the rows of each key in the order of time, without those that have no timestamp. */
async function computed({ rows, stored }: EngineTools, input: Plan, outputs: readonly Output[]): Promise<Map<string, Computed[]>> {
  const found = new Map<string, Computed[]>();
  for (const [index, a, b, f, at, ...values] of await rows(sorted(rollUp(await stored(input), outputs), "at"))) {
    if (typeof at === "bigint") append(found, keyText([index, a, b, f]), { at, values });
  }
  return found;
}

function eventsByKey(cases: readonly Case[]): Map<string, Event[]> {
  const byKey = new Map<string, Event[]>();
  for (const [index, events] of cases.entries()) {
    for (const { key, at, values } of events) if (at !== null) append(byKey, keyText([BigInt(index), ...key]), { at, values });
  }
  return byKey;
}

function append<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

const inexact: readonly RollingFunction[] = ["mean", "median", "std", "quantile", "var"];
const counts: readonly RollingFunction[] = ["count", "countDistinct", "approxCountDistinct"];

/** Returns true if a value is right: exactly, except for quotients and roots of doubles. */
function agrees(found: Value | undefined, wanted: Value | undefined, output: Output): boolean {
  if (output.function === "approxCountDistinct") return typeof found === "bigint" && Math.abs(Number(found) - Number(wanted)) <= 2;
  // The minimum and the maximum of an int32 are an int32.
  if (typeof found === "number" && typeof wanted === "bigint") return found === Number(wanted);
  if (typeof found !== "number" || typeof wanted !== "number" || Number.isNaN(wanted) || !Number.isFinite(wanted))
    return Object.is(found, wanted);
  if (!inexact.includes(output.function)) return found === wanted;
  // The two values in the middle can be far greater than their mean.
  const rest = output.column === "n" && output.function === "median" ? 2 ** 10 : 0;
  return Math.abs(found - wanted) <= 1e-9 * Math.abs(wanted) + rest;
}

function expectValues(
  found: readonly Cell[],
  outputs: readonly Output[],
  wanted: (output: Output) => Value | undefined,
  where: string,
): void {
  for (const [index, output] of outputs.entries()) {
    const value = wanted(output);
    if (!agrees(found[index], value, output)) fail(`${output.name} is ${found[index]}, not ${value}, ${where}`);
  }
}

/** Each run has 25 cases. */
export function rollingLaws(law: EngineLaw, claims: Claims): void {
  law(
    "rolling aggregates have a row whenever a tile enters or leaves a window, with the values of the windows then",
    needs,
    async (tools) => {
      await assertInTime(
        fc.asyncProperty(cases, outputsFor(claims), async (cases, outputs) => {
          const found = await computed(tools, eventsOf(cases, claims), outputs);
          const byKey = eventsByKey(cases);
          deepEqual(new Set(found.keys()), new Set(byKey.keys()));
          for (const [key, events] of byKey) {
            const rows = found.get(key) ?? [];
            const timestamps = [...changesOf(outputs, events)].sort((a, b) => (a < b ? -1 : 1));
            deepEqual(
              rows.map(({ at }) => at),
              timestamps,
            );
            for (const { at, values } of rows)
              expectValues(values, outputs, (output) => valueAt(at, output, events, scales), `${key} at ${at}`);
          }
        }),
        40,
      );
    },
  );

  law("rolling aggregates at any timestamp are those of the newest row", needs, async (tools) => {
    const offset = fc.oneof(
      fc.constantFrom(0n, 1n, -1n),
      fc.bigInt({ min: -400n * day, max: 400n * day }),
      fc.bigInt({ min: -hour, max: hour }),
    );
    await assertInTime(
      fc.asyncProperty(cases, outputsFor(claims), fc.array(offset, { minLength: 8, maxLength: 8 }), async (cases, outputs, offsets) => {
        const found = await computed(tools, eventsOf(cases, claims), outputs);
        for (const [key, events] of eventsByKey(cases)) {
          const rows = found.get(key) ?? [];
          for (const [index, offset] of offsets.entries()) {
            const timestamp = (events[index % events.length]?.at ?? 0n) + offset;
            const newest = rows.filter(({ at }) => at <= timestamp).at(-1);
            const values = newest?.values ?? outputs.map((output) => (counts.includes(output.function) ? 0n : null));
            expectValues(values, outputs, (output) => valueAt(timestamp, output, events, scales), `${key} at ${timestamp}`);
          }
        }
      }),
      40,
    );
  });

  law("rolling aggregates up to a timestamp do not change if later events are added", needs, async (tools) => {
    await assertInTime(
      fc.asyncProperty(cases, outputsFor(claims), fc.nat(9), async (cases, outputs, position) => {
        // Each case has its own timestamp, that of one of its events.
        const cuts = cases.map((events) => events[position % events.length]?.at ?? 0n);
        const known = (event: KeyedEvent, index: number): boolean => event.at === null || event.at < (cuts[index] ?? 0n);
        const early = await computed(
          tools,
          eventsOf(
            cases.map((events, index) => events.filter((event) => known(event, index))),
            claims,
          ),
          outputs,
        );
        const all = await computed(tools, eventsOf(cases, claims), outputs);
        const cutOf = new Map(
          cases.flatMap((events, index) => events.map(({ key }) => [keyText([BigInt(index), ...key]), cuts[index] ?? 0n])),
        );
        for (const [key, cut] of cutOf) {
          const upTo = (rows: readonly Computed[] = []): readonly Computed[] => rows.filter(({ at }) => at <= cut);
          const [before, after] = [upTo(early.get(key)), upTo(all.get(key))];
          deepEqual(
            after.map(({ at }) => at),
            before.map(({ at }) => at),
          );
          for (const [row, { at, values }] of after.entries()) {
            expectValues(values, outputs, (output) => before[row]?.values[outputs.indexOf(output)], `${key} at ${at}`);
          }
        }
      }),
      40,
    );
  });

  law("rolling aggregates do not depend on the order of events", needs, async (tools) => {
    await assertInTime(
      fc.asyncProperty(cases, outputsFor(claims), fc.array(fc.nat(), { minLength: 250, maxLength: 250 }), async (cases, outputs, ranks) => {
        const found = await computed(tools, eventsOf(cases, claims), outputs);
        const shuffled = await computed(
          tools,
          eventsOf(cases, claims, (rows) =>
            [...rows.entries()].sort(([a], [b]) => (ranks[a] ?? 0) - (ranks[b] ?? 0)).map(([, row]) => row),
          ),
          outputs,
        );
        deepEqual(new Set(shuffled.keys()), new Set(found.keys()));
        for (const [key, rows] of found) {
          const others = shuffled.get(key) ?? [];
          deepEqual(
            others.map(({ at }) => at),
            rows.map(({ at }) => at),
          );
          for (const [row, { at, values }] of others.entries()) {
            expectValues(values, outputs, (output) => rows[row]?.values[outputs.indexOf(output)], `${key} at ${at}`);
          }
        }
      }),
      40,
    );
  });
}
