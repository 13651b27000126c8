import type { Plan, Schema } from "@mlforge/spec";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cell } from "../../testkit/src/engine/arrow-rows.js";
import { day, timestampText } from "../../testkit/src/engine/moments.js";
import { nullable } from "../../testkit/src/engine/plans.js";
import { type Case, cases, keyText, outputsFor, rollUp, scales } from "../../testkit/src/engine/rolling-cases.js";
import { changesOf, type Event, type Output, type Value, valueAt } from "../../testkit/src/engine/rolling-oracle.js";
import { lowerRolling } from "../src/index.js";
import { postgres } from "./postgres-dialect.js";
import { constants, postgresRows, type Text } from "./postgres-rows.js";

const schema: Schema = [
  nullable("case", "int32"),
  nullable("a", "string"),
  nullable("b", "string"),
  nullable("f", "float64"),
  nullable("at", "timestamp"),
  nullable("n", "int64"),
  nullable("m", "int32"),
  nullable("x", "float64"),
  nullable("d", "decimal", { precision: 12, scale: 2 }),
  nullable("s", "string"),
];

/** PostgreSQL has no NUL in a text, and psql prints no noncharacters. */
function withoutNul(cases: readonly Case[]): readonly Case[] {
  const clean = (value: Value): Value => (typeof value === "string" ? value.replaceAll(/\0|\p{Noncharacter_Code_Point}/gu, "") : value);
  return cases.map((events) =>
    events.map((event) => ({
      ...event,
      values: Object.fromEntries(Object.entries(event.values).map(([name, value]) => [name, clean(value)])),
    })),
  );
}

function eventsOf(cases: readonly Case[]): Plan {
  const rows = cases.flatMap((events, index) =>
    events.map(({ key, at, values }): readonly Text[] => {
      const texts = schema.slice(5).map(({ name }) => textOf(values[name] ?? null, name));
      return [String(index), key[0], key[1], textOf(key[2], "f"), at === null ? null : timestampText(at), ...texts];
    }),
  );
  return constants(postgres, schema, rows);
}

function textOf(value: Value, column: string): Text {
  if (value === null) return null;
  if (Object.is(value, -0)) return "-0";
  if (column !== "d" || typeof value !== "bigint") return String(value);
  const digits = String(value < 0n ? -value : value).padStart(3, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function agrees(found: Cell | undefined, wanted: Value, output: Output): boolean {
  if (typeof found === "number" && typeof wanted === "bigint") return found === Number(wanted);
  if (typeof found !== "number" || typeof wanted !== "number" || !Number.isFinite(wanted)) return Object.is(found, wanted);
  if (["sum", "count", "min", "max"].includes(output.function)) return found === wanted;
  // The two in the middle may be far greater than their mean.
  const rest = output.column === "n" && output.function === "median" ? 2 ** 10 : 0;
  return Math.abs(found - wanted) <= 1e-9 * Math.abs(wanted) + rest;
}

describeWith("postgres", "a rolling aggregate on PostgreSQL", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("has the rows and values that its definition says", async () => {
    await fc.assert(
      fc.property(
        cases,
        outputsFor(() => true),
        (generated, outputs) => {
          const cases = withoutNul(generated);
          const found = new Map<string, { readonly at: bigint; readonly values: readonly Cell[] }[]>();
          for (const [index, a, b, f, at, ...values] of postgresRows(server, rollUp(eventsOf(cases), outputs))) {
            if (typeof at === "bigint") append(found, keyText([index, a, b, f]), { at, values });
          }
          const byKey = new Map<string, Event[]>();
          for (const [index, events] of cases.entries()) {
            for (const { key, at, values } of events) if (at !== null) append(byKey, keyText([index, ...key]), { at, values });
          }
          expect(new Set(found.keys())).toEqual(new Set(byKey.keys()));
          for (const [key, events] of byKey) {
            const rows = (found.get(key) ?? []).sort((a, b) => (a.at < b.at ? -1 : 1));
            expect(rows.map(({ at }) => at)).toEqual([...changesOf(outputs, events)].sort((a, b) => (a < b ? -1 : 1)));
            for (const { at, values } of rows) {
              for (const [index, output] of outputs.entries()) {
                const wanted = valueAt(at, output, events, scales);
                if (!agrees(values[index], wanted, output))
                  expect.fail(`${output.function} of ${output.column} is ${values[index]}, not ${wanted}, ${key} at ${at}`);
              }
            }
          }
        },
      ),
      { numRuns: 12, interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true },
    );
  });

  it("has exact deviations after the level of the values has moved by a thousand million times their deviation", () => {
    const outputs = [1n, 2n].map((days) => ({
      name: `std_${days}d`,
      column: "x",
      function: "std" as const,
      every: day,
      window: days * day,
    }));
    const events = [1e9, 0, 0].flatMap((level, index) =>
      [1, 2, 5 + index].map((quarter): Event => ({ at: BigInt(index) * day, values: { x: level + quarter / 4 } })),
    );
    const rows = events.map(({ at, values }) => ["1", timestampText(at), String(values.x)]);
    const input = constants(postgres, [nullable("k", "int32"), nullable("at", "timestamp"), nullable("x", "float64")], rows);
    for (const [, at, ...found] of postgresRows(server, rollUp(input, outputs, ["k"]))) {
      for (const [index, output] of outputs.entries()) {
        const wanted = typeof at === "bigint" ? valueAt(at, output, events, {}) : Number.NaN;
        expect(agrees(found[index], wanted, output), `${output.name} at ${at}: ${found[index]}, not ${wanted}`).toBe(true);
      }
    }
  });

  it("fails if a sum of integers is beyond an int64, but not if only a part of it is", () => {
    const columns = [nullable("k", "int32"), nullable("at", "timestamp"), nullable("n", "int64")];
    const sumOf = (...values: readonly bigint[]): Cell[] => {
      const rows = values.map((value, index) => ["1", timestampText(BigInt(index) * day), String(value)]);
      const output: Output = { name: "sum", column: "n", function: "sum", every: day, window: 8n * day };
      const found = postgresRows(server, rollUp(constants(postgres, columns, rows), [output], ["k"]));
      return found.map((row) => row[2] ?? null);
    };
    const most = 2n ** 63n - 1n;
    expect(() => sumOf(most, 1n)).toThrow("bigint out of range");
    expect(sumOf(most, -most)).toContain(0n);
  });
});

describe("lowerRolling", () => {
  it("gives plain data, in which outputs share their parts", () => {
    const of = (name: "mean" | "sum" | "std", window: bigint): Output => ({
      name: `${name}_${window}`,
      column: "n",
      function: name,
      every: day,
      window: window * day,
    });
    const lowered = lowerRolling(rollUp(eventsOf([]), [of("mean", 2n), of("sum", 2n), of("std", 2n), of("std", 7n)], ["a"]));
    expect(JSON.parse(JSON.stringify(lowered))).toEqual(lowered);
    const [tiles] = lowered.tiles;
    expect(tiles?.parts.map(({ name }) => name)).toEqual([
      "p0_0_count",
      "p0_0_total",
      "p0_0_least",
      "p0_0_greatest",
      "p0_0_mean",
      "p0_0_m2",
    ]);
    expect(lowered.merges.filter(({ window }) => window === "w0")).toHaveLength(7);
    expect(lowered.deviations.map(({ exact }) => exact)).toEqual(["exact_p0_0_w0", "exact_p0_0_w1"]);
  });
});

function append<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
