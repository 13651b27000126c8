import { deepEqual } from "node:assert/strict";
import { type Plan, schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import { nullable, sorted, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";
import { day, timestampText } from "../timestamps.js";

const columns = [nullable("k", "string"), nullable("at", "timestamp"), nullable("id", "int64")];
const needs = { operations: ["sessions", "sort"], kinds: ["timestamp"] } as const;
const gap = 3n;

interface Row {
  readonly k: string | null;
  readonly at: bigint | null;
  readonly id: bigint;
}

/** Generates few different times, so that many are equal and many are exactly the gap apart. Some are before 1970. */
const row: fc.Arbitrary<Row> = fc.record({
  k: fc.constantFrom("a", "b", null),
  at: fc.option(fc.bigInt({ min: -12n, max: 12n }), { freq: 8 }),
  id: fc.bigInt({ min: 0n, max: 99n }),
});
const rowsOnce = fc.uniqueArray(row, { maxLength: 16, selector: ({ id }) => id });

function sessionsOf(rows: readonly Row[], keys: readonly string[] = ["k"]): Plan {
  const input = table(
    columns,
    rows.map(({ k, at, id }) => [k, at === null ? null : timestampText(at), String(id)]),
  );
  return { op: "sessions", input, keys, timestamp: "at", gap: String(gap), column: "end" };
}

/** Returns the end of the session of a row: adds rows within the gap of the session until there are no more. */
function endOf({ k, at }: Row, rows: readonly Row[]): bigint | null {
  if (at === null) return null;
  const others = rows.flatMap((other) => (other.k === k && other.at !== null ? [other.at] : []));
  const near = (time: bigint, other: bigint): boolean => time - other <= gap && other - time <= gap;
  for (let session = [at]; ; ) {
    const grown = others.filter((other) => session.some((time) => near(time, other)));
    if (grown.length === session.length) return session.reduce((last, time) => (time > last ? time : last)) + gap;
    session = grown;
  }
}

export function sessionLaws(law: EngineLaw): void {
  law("a session ends the gap after its last row, and rows within the gap share a session", needs, async ({ rows, engine }) => {
    deepEqual((await engine.describe(sessionsOf([]))).columns, schemaOf(sessionsOf([])));
    await fc.assert(
      fc.asyncProperty(rowsOnce, async (all) => {
        deepEqual(
          await rows(sorted(sessionsOf(all), "id")),
          [...all].sort((a, b) => Number(a.id - b.id)).map((each) => [each.k, each.at, each.id, endOf(each, all)]),
        );
      }),
      { numRuns: 60 },
    );
  });

  law("sessions without keys group all rows, and a date counts as the start of its day", needs, async ({ rows }) => {
    const dates = table([nullable("at", "date")], [["1970-01-02"], [null], ["1970-01-01"], ["1970-01-04"]]);
    const plan: Plan = { op: "sessions", input: dates, keys: [], timestamp: "at", gap: String(day), column: "end" };
    deepEqual(
      (await rows(sorted(plan, "at"))).map(([, end]) => end),
      [2n * day, 2n * day, 4n * day, null],
    );
  });
}
