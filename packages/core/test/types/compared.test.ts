import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { type Columns, columnTypeOf } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { describeWith, runPython } from "@mlforge/test-servers";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, notNull, source, unique } from "../../src/index.js";
import { type Plain, type Table, tables } from "./model.js";
import { pyarrowTables } from "./pyarrow-tables.js";

let folder: string;
const engine = new DuckDBEngine({ threads: 1 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-compared-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A float as another order of additions may leave it. */
function nudged(value: Plain): Plain {
  const other = typeof value === "number" ? value * (1 + 2 ** -50) : value;
  return other === Number.POSITIVE_INFINITY || other === Number.NEGATIVE_INFINITY ? value : other;
}

/** Two tables of the same columns: the second has some rows of the first as they are, some with values of others, some with other roundings, and lacks some. */
const pairs = tables.chain((table) =>
  fc.array(fc.nat(), { minLength: table.rows.length, maxLength: table.rows.length }).map((moves): readonly [Table, Table] => {
    const rows = table.rows.flatMap((row, index) => {
      const move = moves[index] ?? 0;
      if (move % 5 === 0) return [];
      if (move % 7 === 0) return [row.map((value, column) => (table.columns[column]?.kind === "float64" ? nudged(value) : value))];
      const other = table.rows[move % table.rows.length] ?? row;
      return [move % 2 === 0 ? row : row.map((value, column) => (column === 0 ? value : (other[column] ?? null)))];
    });
    return [table, { ...table, rows }];
  }),
);

/** A value as it is compared: the two zeros are one. */
function comparable(value: Plain): string {
  return JSON.stringify(value, (_, each: unknown) => (each === "-0" ? 0 : each));
}

/** Reports whether two floats differ so little that another order of additions explains it: by a relative 1e-9 of the smaller one at most. */
function isRounded(a: Plain, b: Plain): boolean {
  const [x, y] = [Number(a), Number(b)];
  if (a === null || b === null || !Number.isFinite(x) || !Number.isFinite(y)) return false;
  return Math.abs(x - y) <= 1e-9 * Math.min(Math.abs(x), Math.abs(y));
}

describeWith("tables", "every kind of column", () => {
  it("is compared by diff, and counted by validators, as plain JavaScript does", { timeout: 240_000 }, async () => {
    const seed = Date.now();
    const samples = fc.sample(pairs, { numRuns: 10, seed });
    await writeFile(join(folder, "tables.json"), JSON.stringify(samples.flat()));
    runPython(pyarrowTables, ["write", folder]);
    for (const [index, [before, after]] of samples.entries()) {
      const columns: Columns = Object.fromEntries(before.columns.map((column) => [column.name, columnTypeOf(column)]));
      const values = before.columns.slice(1);
      const offlineStore = new LocalStore(join(folder, "store"));
      const open = (path: string): Definitions => {
        const validators = [...values.map(({ name }) => notNull(name, { severity: "warn" })), unique("id")];
        const declared = source({ name: "rows", path, columns });
        return new Definitions({
          name: "types",
          features: [feature({ name: `f${index}`, source: declared, keys: ["id"], static: true, validators })],
          offlineStore,
          engine,
        });
      };
      for (const [side, table] of [before, after].entries()) {
        const { failed, built } = await open(join(folder, `${index * 2 + side}.parquet`)).build({ force: true });
        expect({ seed, index, failed }).toEqual({ seed, index, failed: [] });
        const warned = Object.fromEntries((built[0]?.warnings ?? []).map((rule) => [rule.column, rule.failed]));
        const nulls = values.map(({ name }, place) => [name, table.rows.filter((row) => row[place + 1] === null).length] as const);
        expect({ seed, index, warned }).toEqual({ seed, index, warned: Object.fromEntries(nulls.filter(([, count]) => count > 0)) });
      }
      const { data } = await open(join(folder, `${index * 2 + 1}.parquet`)).versions.diff(`f${index}`);
      if (data?.kind === "identical") {
        expect({ seed, index, rows: after.rows }).toEqual({ seed, index, rows: before.rows });
        continue;
      }
      if (data?.kind !== "compared") throw new TypeError("the data was not compared");
      const later = new Map(after.rows.map((row) => [row[0], row]));
      const both = before.rows.flatMap((row) => (later.has(row[0] ?? null) ? [[row, later.get(row[0] ?? null) ?? []] as const] : []));
      type Pair = (typeof both)[number];
      const isFloat = before.columns.map(({ kind }) => kind === "float32" || kind === "float64");
      const rounds = ([a, b]: Pair, place: number): boolean => isFloat[place] === true && isRounded(a[place] ?? null, b[place] ?? null);
      const differs = ([a, b]: Pair, place: number): boolean => comparable(a[place] ?? null) !== comparable(b[place] ?? null);
      const places = before.columns.map((_, place) => place);
      const changed = both.filter((pair) => places.some((place) => differs(pair, place)));
      const rounded = changed.filter((pair) => places.every((place) => !differs(pair, place) || rounds(pair, place))).length;
      expect({ seed, index, rows: data.rows }).toEqual({
        seed,
        index,
        rows: {
          onlyFrom: before.rows.length - both.length,
          onlyTo: 0,
          unchanged: both.length - changed.length,
          changed: changed.length,
          rounded,
        },
      });
      for (const [place, { name }] of before.columns.entries()) {
        const column = data.columns.find((each) => each.name === name);
        const cells = after.rows.map((row) => row[place] ?? null);
        const known = cells.filter((cell) => cell !== null);
        const differing = both.filter((pair) => differs(pair, place));
        const { rows, rounded } = column?.changed ?? {};
        expect({ seed, index, name, rows, rounded, to: column?.to }).toEqual({
          seed,
          index,
          name,
          rows: place === 0 ? undefined : differing.length,
          rounded: place === 0 ? undefined : differing.filter((pair) => rounds(pair, place)).length,
          to: expect.objectContaining({
            rows: cells.length,
            nulls: cells.length - known.length,
            distinct: new Set(known.map(comparable)).size,
          }),
        });
      }
    }
  });
});
