import { deepEqual, equal, ok } from "node:assert/strict";
import type { Expression, Plan } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "../arrow-rows.js";
import { type Case, casesOf, featureRowsOf, inLabelOrder, labelsOf, rules } from "../as-of-cases.js";
import { type AsOfRules, knownTo } from "../as-of-oracle.js";
import { int64, numbers, scrambled } from "../numbers.js";
import { call, choice, column, literal, sorted } from "../plans.js";
import type { EngineLaw, EngineTools } from "../runner.js";
import { assertInTime } from "./runs.js";

type Order = Parameters<typeof featureRowsOf>[1];

async function joined(
  { rows }: EngineTools,
  cases: readonly Case[],
  rules: AsOfRules,
  order?: Order,
): Promise<readonly (readonly Cell[])[]> {
  return alike(await rows(inLabelOrder(labelsOf(cases), featureRowsOf(cases, order), rules)));
}

function wanted(cases: readonly Case[], rules: AsOfRules): readonly (readonly Cell[])[] {
  const labels = cases.flatMap(({ labels, rows }, index) =>
    labels.map((label) => ({
      head: [BigInt(index), ...label.key, label.at],
      values: knownTo(label, rows, rules)?.values ?? [null, null, null],
    })),
  );
  return alike(labels.map(({ head, values }, row) => [...head, BigInt(row), ...values]));
}

/** Makes zeros alike: engines may keep one zero for both signs. */
function alike(rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  return rows.map((row) => row.map((cell) => (cell === 0 ? 0 : cell)));
}

/** Engines may join small and large tables in different ways. */
const sizes = [
  { size: "few labels", count: 8, numRuns: 130 },
  { size: "many labels", count: 60, numRuns: 20 },
];

const needs = { operations: ["asOfJoin", "numberRows", "sort"], kinds: ["float64", "timestamp"] } as const;

export function asOfLaws(law: EngineLaw): void {
  for (const { size, count, numRuns } of sizes) {
    law(`an as-of join of ${size} gives every label once, in order, with the newest row that it may know`, needs, async (tools) => {
      await assertInTime(
        fc.asyncProperty(casesOf(count), rules, async (cases, rules) => {
          deepEqual(await joined(tools, cases, rules), wanted(cases, rules));
        }),
        numRuns,
      );
    });

    law(`an as-of join of ${size} does not change if later rows are added`, needs, async (tools) => {
      await assertInTime(
        fc.asyncProperty(casesOf(count), rules, fc.nat(5), async (cases, rules, position) => {
          // Each case has its own timestamp, that of one of its labels.
          const early = cases.map(({ labels, rows }) => {
            const cut = labels[position % labels.length]?.at ?? 0n;
            return {
              labels: labels.filter(({ at }) => at === null || at < cut),
              rows,
              known: rows.filter(({ at }) => at === null || at < cut),
            };
          });
          const before = early.map(({ labels, known }) => ({ labels, rows: known }));
          deepEqual(await joined(tools, early, rules), await joined(tools, before, rules));
        }),
        numRuns,
      );
    });

    law(`an as-of join of ${size} does not depend on the order of rows`, needs, async (tools) => {
      const ranks = fc.array(fc.nat(), { minLength: 300, maxLength: 300 });
      await assertInTime(
        fc.asyncProperty(casesOf(count), rules, ranks, async (cases, rules, ranks) => {
          const shuffled = await joined(tools, cases, rules, (rows) =>
            [...rows.entries()].sort(([a], [b]) => (ranks[a] ?? 0) - (ranks[b] ?? 0)).map(([, row]) => row),
          );
          deepEqual(shuffled, await joined(tools, cases, rules));
        }),
        numRuns,
      );
    });
  }

  law("an as-of join of files of many rows gives every label what a search finds for it, in the order of the labels", large, manyRows);
}

const large = {
  operations: ["asOfJoin", "numberRows", "sort", "join", "filter", "project", "distinct", "scan"],
  functions: ["add", "multiply", "modulo", "less", "addMicroseconds", "microsecondsBetween", "case"],
  kinds: ["timestamp"],
  files: true,
} as const;

const epoch = literal("timestamp", "1970-01-01T00:00:00.000000Z");

/** A number that no other feature row has. */
const valueOfRow: Expression = [column("a"), column("b")].reduce(
  (value, key) => call("add", call("multiply", value, int64(1000)), key),
  call("microsecondsBetween", epoch, column("known")),
);

/** Returns keys and a time that depend on the number of a row without order, one in 50 null. */
function keyed(time: string, salt: number): readonly { readonly name: string; readonly value: Expression }[] {
  const n = column("n");
  const rarelyNull = (value: Expression, place: number, none: Expression): Expression =>
    choice(call("less", scrambled(n, 50, salt + place), int64(49)), value, none);
  return [
    { name: "a", value: rarelyNull(scrambled(n, 1000, salt + 2), 1, literal("int64", null)) },
    { name: "b", value: call("modulo", n, int64(3)) },
    { name: time, value: rarelyNull(call("addMicroseconds", epoch, scrambled(n, 1_000_000, salt + 3)), 4, literal("timestamp", null)) },
  ];
}

/** Keys and times without order, one in 50 null. Feature rows are unique on both, except for nulls. */
async function manyRows({ rows, file }: EngineTools): Promise<void> {
  const labels = await file({ op: "project", input: numbers(200_000), columns: keyed("at", 0) });
  const unique: Plan = { op: "distinct", input: { op: "project", input: numbers(300_000), columns: keyed("known", 10) } };
  const features = await file({
    op: "project",
    input: unique,
    columns: [...["a", "b", "known"].map((name) => ({ name, value: column(name) })), { name: "v", value: valueOfRow }],
  });

  const byKey = new Map<string, [bigint, Cell][]>();
  for (const [a, b, known, v] of await rows(sorted(features, "known"))) {
    if (a === null || b === null || typeof known !== "bigint") continue;
    const found = byKey.get(`${a} ${b}`);
    if (found === undefined) byKey.set(`${a} ${b}`, [[known, v ?? null]]);
    else found.push([known, v ?? null]);
  }
  const numbered: Plan = { op: "numberRows", input: labels, column: "row" };
  const expected = (await rows(sorted(numbered, "row"))).map(([a, b, at], row) => {
    const known = typeof at === "bigint" ? (byKey.get(`${a} ${b}`) ?? []).filter(([time]) => time <= at) : [];
    return [a, b, at, BigInt(row), known.at(-1)?.[1] ?? null];
  });
  const found = await rows(
    sorted(
      {
        op: "asOfJoin",
        left: numbered,
        right: features,
        on: ["a", "b"].map((name) => ({ left: name, right: name })),
        timestamps: { left: "at", right: "known" },
        allowExactMatches: true,
        columns: [{ name: "v", as: "v" }],
      },
      "row",
    ),
  );
  equal(found.length, 200_000);
  const wrong = found.findIndex((row, index) => row.some((cell, place) => cell !== expected[index]?.[place]));
  deepEqual(found[wrong], expected[wrong]);
  ok(found.filter((row) => row[4] === null).length < 20_000, "most labels know a row");
}
