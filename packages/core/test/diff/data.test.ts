import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ColumnDiff, ColumnProfile } from "../../src/index.js";
import { type Cells, openConnection, publishBoth } from "./two-versions.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
let connection: DuckDBConnection;
let runs = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-diff-"));
  connection = await openConnection();
});
afterAll(async () => {
  connection.closeSync();
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const real = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -40, max: 40 }).map((n) => n / 8) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 0.1, 1e15) },
);
const cells: fc.Arbitrary<Cells> = fc.record({
  k: fc.constantFrom("a", "b", "c", "it's", "é"),
  at: fc.constantFrom(0, 1, 2, 1_000_000),
  whole: fc.option(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(2 ** 40, Number.MIN_SAFE_INTEGER))),
  real: fc.option(real),
  exact: fc.option(fc.integer({ min: -300, max: 300 }).map((n) => (n / 100).toFixed(2))),
  word: fc.option(fc.constantFrom("", "x", "y", "'", "long word", "null")),
  flag: fc.option(fc.boolean()),
  day: fc.option(fc.constantFrom("2001-01-01", "2001-01-02", "1969-12-31")),
});
const table = fc.uniqueArray(cells, { maxLength: 20, selector: ({ k, at }) => `${k} ${at}` });
/** Most rows of the second table are those of the first, some of them with another value. */
const edit = fc.constantFrom("keep", "keep", "replace", "replace", "round", "nudge");
const edited = fc.tuple(table, table, fc.array(edit, { minLength: 20, maxLength: 20 })).map(([from, to, edits]) => {
  const others = new Map(to.map((row) => [keyOf(row), row]));
  const mixed = from.map((row, index) => {
    const by = { round: 1 + 1e-10, nudge: 1 - 1e-8 } as const;
    const kind = edits[index] ?? "keep";
    if (kind === "replace") return others.get(keyOf(row)) ?? row;
    return kind === "keep" || row.real === null ? row : { ...row, real: row.real * by[kind] };
  });
  const keys = new Set(mixed.map(keyOf));
  return [from, [...mixed.slice(1), ...to.filter((row) => !keys.has(keyOf(row)))]] as const;
});

const values = ["whole", "real", "exact", "word", "flag", "day"] as const;
type ValueName = (typeof values)[number];

function keyOf({ k, at }: Cells): string {
  return `${k} ${at}`;
}

function isSame(a: Cells[ValueName], b: Cells[ValueName]): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** True if two finite floats differ by at most 1e-9 of the smaller one. */
function isRounded(a: number | null, b: number | null): boolean {
  if (a === null || b === null || !Number.isFinite(a) || !Number.isFinite(b)) return false;
  return Math.abs(a - b) <= 1e-9 * Math.min(Math.abs(a), Math.abs(b));
}

function numbersOf(name: ValueName, rows: readonly Cells[]): readonly number[] {
  return rows.flatMap((row) => (row[name] === null ? [] : [Number(row[name])]));
}

/** Type 7 of Hyndman and Fan, from their definition. */
function quantile(sorted: readonly number[], p: number): number | undefined {
  const h = (sorted.length - 1) * p;
  const [low, high] = [sorted[Math.floor(h)], sorted[Math.ceil(h)]];
  return low === undefined || high === undefined ? undefined : low + (h - Math.floor(h)) * (high - low);
}

function sorted(numbers: readonly number[]): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}

function expectClose(found: number | undefined, wanted: number | undefined, what: string): void {
  if (wanted === undefined || found === undefined) expect(found, what).toBe(wanted);
  else expect(Math.abs(found - wanted), `${what}: ${found} instead of ${wanted}`).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)));
}

function expectOneOf(found: number | undefined, wanted: readonly (number | undefined)[], what: string): void {
  const isMet = wanted.some((each) => {
    if (each === undefined || found === undefined) return each === found;
    return Math.abs(found - each) <= 1e-9 * Math.max(1, Math.abs(each));
  });
  if (!isMet) expect.fail(`${what}: ${found} instead of ${wanted.join(" or ")}`);
}

function expectProfile(found: ColumnProfile, name: ValueName, rows: readonly Cells[]): void {
  const there = rows.map((row) => row[name]).filter((value) => value !== null);
  expect(found).toMatchObject({ rows: rows.length, nulls: rows.length - there.length, distinct: new Set(there).size });
  expect(found.nullShare).toBe(rows.length === 0 ? 0 : (rows.length - there.length) / rows.length);
  if (name === "word" || name === "flag" || name === "day") {
    const ordered = [...there].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const shown = (value: ColumnProfile["min"]): unknown => (value instanceof Date ? value.toISOString().slice(0, 10) : value);
    expect([shown(found.min), shown(found.max), found.numbers]).toEqual([ordered[0] ?? null, ordered.at(-1) ?? null, undefined]);
    return;
  }
  const all = numbersOf(name, rows);
  const finite = sorted(all.filter(Number.isFinite));
  expect(found.notFinite).toBe(all.length - finite.length);
  expect([found.min, found.max].map((value) => (value === null ? undefined : Number(value)))).toEqual([finite[0], finite.at(-1)]);
  const mean = finite.length === 0 ? undefined : finite.reduce((sum, value) => sum + value, 0) / finite.length;
  expectClose(found.numbers?.mean, mean, `mean of ${name}`);
  const squares = finite.reduce((sum, value) => sum + (value - (mean ?? 0)) ** 2, 0);
  expectClose(found.numbers?.std, finite.length < 2 ? undefined : Math.sqrt(squares / (finite.length - 1)), `std of ${name}`);
  for (const [key, p] of Object.entries({ p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 } as const)) {
    expectClose(
      Object.entries(found.numbers?.quantiles ?? {}).find(([each]) => each === key)?.[1],
      quantile(finite, p),
      `${key} of ${name}`,
    );
  }
}

/**
 * What the drift may be. An edge between two values of `from` may be rounded either way, and a value that lies on it is then in the bin of
 * either side.
 */
function expectedDrifts(name: ValueName, from: readonly Cells[], to: readonly Cells[]): readonly (number | undefined)[] {
  if (name === "day" || from.length === 0 || to.length === 0) return [undefined];
  const isNumber = name === "whole" || name === "real" || name === "exact";
  const finite = isNumber ? sorted(numbersOf(name, from).filter(Number.isFinite)) : [];
  const deciles = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => quantile(finite, n / 10) ?? []);
  const numbers = isNumber ? numbersOf(name, [...from, ...to]) : [];
  const isClose = (edge: number): boolean => numbers.some((each) => Math.abs(each - edge) <= 1e-9 * Math.max(1, Math.abs(edge)));
  const isBetween = (index: number): boolean => !Number.isInteger(((finite.length - 1) * (index + 1)) / 10);
  const unsure = deciles.flatMap((edge, index) => (isBetween(index) && isClose(edge) ? [index] : []));
  return Array.from({ length: 2 ** unsure.length }, (_, choice) => {
    const edges = deciles.map((edge, index) => {
      const bit = unsure.indexOf(index);
      if (bit === -1) return edge;
      return edge + ((choice >> bit) % 2 === 0 ? 2e-9 : -2e-9) * Math.max(1, Math.abs(edge));
    });
    return expectedDrift(name, from, to, edges);
  });
}

/** From the definition in the doc comment of `stabilityIndex`, with bins that are named by text. */
function expectedDrift(name: ValueName, from: readonly Cells[], to: readonly Cells[], deciles: readonly number[]): number {
  const isNumber = name === "whole" || name === "real" || name === "exact";
  const known = new Set(from.map((row) => row[name]));
  const binOf = (value: Cells[ValueName]): string => {
    if (value === null || Number.isNaN(value)) return String(value);
    if (isNumber) return `up to ${deciles.find((edge) => Number(value) <= edge)}`;
    return known.has(value) ? `is ${value}` : "rest";
  };
  const share = (rows: readonly Cells[], bin: string): number =>
    Math.max(rows.filter((row) => binOf(row[name]) === bin).length / rows.length, 1e-4);
  const bins = new Set([...from, ...to].map((row) => binOf(row[name])));
  return [...bins].reduce((sum, bin) => {
    const [p, q] = [share(from, bin), share(to, bin)];
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

function columnIn(columns: readonly ColumnDiff[], name: string): ColumnDiff {
  const found = columns.find((column) => column.name === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
}

describe("the data of a diff", () => {
  it("is what a count by hand gives, for random tables", async () => {
    await fc.assert(
      fc.asyncProperty(edited, async ([from, to]) => {
        const defs = await publishBoth(join(folder, `${runs++}`), connection, engine, [from, to]);
        const { rows: counts, data } = await defs.versions.diff("f");
        expect(counts).toEqual({ from: from.length, to: to.length });
        if (data?.kind === "identical") {
          expect(new Set(from.map((row) => JSON.stringify(row)))).toEqual(new Set(to.map((row) => JSON.stringify(row))));
          return;
        }
        if (data?.kind !== "compared") throw new Error(`the data is ${data?.kind}`);
        const after = new Map(to.map((row) => [keyOf(row), row]));
        const both = from.flatMap((row) => {
          const other = after.get(keyOf(row));
          return other === undefined ? [] : [[row, other] as const];
        });
        const changed = both.filter(([a, b]) => values.some((name) => !isSame(a[name], b[name])));
        const rounded = changed.filter(
          ([a, b]) => isRounded(a.real, b.real) && values.every((name) => name === "real" || isSame(a[name], b[name])),
        ).length;
        expect(data.rows).toEqual({
          onlyFrom: from.length - both.length,
          onlyTo: to.length - both.length,
          changed: changed.length,
          rounded,
          unchanged: both.length - changed.length,
        });
        expect(data.columns.map(({ name }) => name)).toEqual(["k", "at", ...values]);
        for (const key of ["k", "at"]) expect(columnIn(data.columns, key).changed).toBeUndefined();
        for (const name of values) {
          const column = columnIn(data.columns, name);
          const others = both.filter(([a, b]) => !isSame(a[name], b[name]));
          expect(column.changed).toEqual({
            rows: others.length,
            rounded: name === "real" ? others.filter(([a, b]) => isRounded(a.real, b.real)).length : 0,
            share: both.length === 0 ? 0 : others.length / both.length,
          });
          expectProfile(column.from, name, from);
          expectProfile(column.to, name, to);
          expectOneOf(column.drift, expectedDrifts(name, from, to), `drift of ${name}`);
        }
      }),
      { numRuns: 20 },
    );
  }, 180_000);
});
