import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Plan, schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, rowsOf } from "./arrow-rows.js";
import { type Case, casesOf, featureFile, inLabelOrder, labelFile, rules } from "./as-of-cases.js";
import { type AsOfRules, knownTo } from "./as-of-oracle.js";

const engine = new DuckDBEngine({ threads: 2 });
let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-as-of-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const fileName = (): string => `${files++}.ndjson`;

async function joined(
  cases: readonly Case[],
  rules: AsOfRules,
  order?: Parameters<typeof featureFile>[3],
): Promise<readonly (readonly Cell[])[]> {
  const labels = await parquet(await labelFile(folder, fileName(), cases));
  const features = await parquet(await featureFile(folder, fileName(), cases, order));
  const rows = await rowsOf(engine, inLabelOrder(labels, features, rules));
  // DuckDB's Parquet files hold one zero where there were zeros of either sign.
  return rows.map((row) => row.map((cell) => (cell === 0 ? 0 : cell)));
}

/** The rows in a file whose number of rows the engine knows, so that it can choose by it how to join. */
async function parquet(rows: Plan): Promise<Plan> {
  const url = pathToFileURL(join(folder, `${files++}.parquet`)).href;
  await engine.write(rows, { url, format: "parquet" });
  return { op: "scan", source: "rows", format: { kind: "parquet" }, paths: [url], columns: schemaOf(rows) };
}

function wanted(cases: readonly Case[], rules: AsOfRules): readonly (readonly Cell[])[] {
  const labels = cases.flatMap(({ labels, rows }, index) =>
    labels.map((label) => ({ head: [index, ...label.key, label.at], values: knownTo(label, rows, rules)?.values ?? [null, null, null] })),
  );
  return labels.map(({ head, values }, row) => [...head, BigInt(row), ...values].map((cell) => (cell === 0 ? 0 : cell)));
}

/** So that shrinking ends before the test does, and says what it found. */
const inTime = { interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true };

/** DuckDB has two ways to join: one for fewer than 64 labels, and one for more. */
const sizes = [
  { count: 8, numRuns: 130 },
  { count: 60, numRuns: 20 },
];

describe("an as-of join", () => {
  it.each(sizes)("gives every label once, in order, with what it may know ($count cases at once)", async ({ count, numRuns }) => {
    await fc.assert(
      fc.asyncProperty(casesOf(count), rules, async (cases, rules) => {
        expect(await joined(cases, rules)).toEqual(wanted(cases, rules));
      }),
      { numRuns, ...inTime },
    );
  });

  it.each(sizes)("tells a label nothing of rows that come after it ($count cases at once)", async ({ count, numRuns }) => {
    await fc.assert(
      fc.asyncProperty(casesOf(count), rules, fc.nat(5), async (cases, rules, position) => {
        // Each case has its own moment, that of one of its labels.
        const early = cases.map(({ labels, rows }) => {
          const cut = labels[position % labels.length]?.at ?? 0n;
          return {
            labels: labels.filter(({ at }) => at === null || at < cut),
            rows,
            known: rows.filter(({ at }) => at === null || at < cut),
          };
        });
        const before = await joined(
          early.map(({ labels, known }) => ({ labels, rows: known })),
          rules,
        );
        expect(await joined(early, rules)).toEqual(before);
      }),
      { numRuns, ...inTime },
    );
  });

  it.each(sizes)("does not depend on the order of the feature's rows ($count cases at once)", async ({ count, numRuns }) => {
    await fc.assert(
      fc.asyncProperty(casesOf(count), rules, fc.array(fc.nat(), { minLength: 300, maxLength: 300 }), async (cases, rules, ranks) => {
        const shuffled = await joined(cases, rules, (rows) =>
          [...rows.entries()].sort(([a], [b]) => (ranks[a] ?? 0) - (ranks[b] ?? 0)).map(([, row]) => row),
        );
        expect(shuffled).toEqual(await joined(cases, rules));
      }),
      { numRuns, ...inTime },
    );
  });
});
