import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { mapScans } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import type { Untyped } from "../../src/define/expr.js";
import { contentOf, relationOf } from "../../src/define/relation-builder.js";
import { source } from "../../src/define/source.js";
import { rowsOf } from "../../src/read/rows.js";

let folder: string;
const engine = new DuckDBEngine();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-functions-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const columns = {
  k: t.int64({ nullable: false }),
  n: t.int64(),
  w: t.float64(),
  tags: t.list(t.string()),
  v: t.vector(2, "float32"),
  u: t.vector(2, "float32"),
  s: t.struct({ city: t.string(), zip: t.int64() }),
  j: t.json(),
};
const rows = relationOf(source({ path: "rows.ndjson", columns }), () => []);

/** The rows of a relation over these lines. */
async function run(relation: unknown, lines: readonly object[]): Promise<readonly object[]> {
  const path = join(folder, "rows.ndjson");
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const content = contentOf(relation);
  if (content === undefined) throw new TypeError("this is not a relation");
  const plan = mapScans(content.plan, (scan) => ({ ...scan, paths: [pathToFileURL(path).href] }));
  const found: object[] = [];
  for await (const batch of engine.run(plan)) found.push(...rowsOf(batch, content.schema));
  return found;
}

const none = { n: null, w: null, tags: null, v: null, u: null, s: null, j: null };

describe("functions of lists, vectors, structs and JSON", () => {
  it("give the parts, and null where there are none", async () => {
    const derived = rows
      .derive((row) => ({
        length: row.tags.length(),
        first: row.tags.get(0),
        beyond: row.tags.get(5),
        before: row.tags.get(-1),
        has: row.tags.contains("a"),
        city: row.s.field("city"),
        dot: row.v.dot(row.u),
        cosine: row.v.cosine(row.u),
        toConstant: row.v.dot([3, 4]),
        angle: row.v.cosine(Float32Array.of(4, 3)),
        norm: row.v.norm(),
      }))
      .select("length", "first", "beyond", "before", "has", "city", "dot", "cosine", "norm", "toConstant", "angle");
    const found = await run(derived, [
      { ...none, k: 1, tags: ["a", null, "b"], v: [3, 4], u: [4, 3], s: { city: "Köln", zip: 50_667 } },
      { ...none, k: 1, tags: [], v: [0, 0], u: [1, 0], s: { zip: 1 } },
      { ...none, k: 1 },
    ]);
    expect(found).toEqual([
      {
        length: 3,
        first: "a",
        beyond: null,
        before: null,
        has: true,
        city: "Köln",
        dot: 24,
        cosine: 0.96,
        norm: 5,
        toConstant: 25,
        angle: 0.96,
      },
      {
        length: 0,
        first: null,
        beyond: null,
        before: null,
        has: false,
        city: null,
        dot: 0,
        cosine: null,
        norm: 0,
        toConstant: 0,
        angle: null,
      },
      {
        length: null,
        first: null,
        beyond: null,
        before: null,
        has: null,
        city: null,
        dot: null,
        cosine: null,
        norm: null,
        toConstant: null,
        angle: null,
      },
    ]);
  });

  it("refuse constants of another length, and what is not finite numbers", () => {
    const refused = (other: readonly number[]) => () => rows.derive((row) => ({ x: row.v.dot(other) }));
    expect(refused([1, 2, 3])).toThrow("dotProduct needs vectors of the same length, not 2 and 3");
    for (const other of [[], [1, Number.NaN], [1, Number.POSITIVE_INFINITY]]) expect(refused(other)).toThrow("an array of finite numbers");
  });

  it("read JSON exactly, by kind", async () => {
    const derived = rows
      .derive((row) => ({
        exact: row.j.path(["a", 1], "decimal", 38, 2),
        long: row.j.path(["a", 0], "int64"),
        float: row.j.path(["a", 0], "float64"),
        text: row.j.path("s", "string"),
        odd: row.j.path('x/y~"', "boolean"),
        part: row.j.path("a", "json"),
        missing: row.j.path(["a", 7], "string"),
      }))
      .select("exact", "long", "float", "text", "odd", "part", "missing");
    const text = '{"a":[10,12345678901234567890123.25],"s":"1","x/y~\\"":true}';
    expect(
      await run(
        derived,
        [
          { ...none, k: 1, j: JSON.stringify(JSON.parse(text)) },
          { ...none, k: 1 },
        ].map((line, index) => (index === 0 ? { ...line, j: text } : line)),
      ),
    ).toEqual([
      {
        exact: "12345678901234567890123.25",
        long: 10,
        float: 10,
        text: "1",
        odd: true,
        part: "[10,12345678901234567890123.25]",
        missing: null,
      },
      { exact: null, long: null, float: null, text: null, odd: null, part: null, missing: null },
    ]);
  });

  it.each(["1.5", '"1.5"', '"x"', "true", "[1]", "9223372036854775808"])("refuse %s as an int64", async (json) => {
    const derived = rows.derive((row) => ({ n: row.j.path("a", "int64") })).select("n");
    await expect(run(derived, [{ ...none, k: 1, j: `{"a":${json}}` }])).rejects.toMatchObject({ name: "MlforgeError" });
  });

  it("are refused for what they are not made of", () => {
    const refused =
      (make: (row: Untyped) => unknown): (() => unknown) =>
      () =>
        rows.derive((row) => ({ x: make(row) as never }));
    expect(refused((row) => row.n.get(0))).toThrow("listElement does not take a int64");
    expect(refused((row) => row.tags.contains(1))).toThrow("1");
    expect(refused((row) => row.s.field("town"))).toThrow('no column "town" in the struct');
    expect(refused((row) => row.tags.min())).toThrow("not");
    expect(refused((row) => row.tags.lt(row.tags))).toThrow("less does not take a list(string)");
    expect(refused((row) => row.j.path([], "string"))).toThrow("at least one key");
    expect(refused((row) => row.j.path("a", "list"))).toThrow('path cannot return the kind "list"');
    expect(refused((row) => row.tags.cast("string"))).toThrow("cast does not take a list(string)");
  });
});

describe("aggregates that make lists", () => {
  const value = fc.option(fc.integer({ min: -3, max: 3 }), { freq: 5 });
  const lines = fc.array(fc.record({ n: value, w: fc.option(fc.constantFrom(-1, -0.5, 0, 0.5, 2)), k: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 30,
  });
  const grouped = rows.groupBy("k").aggregate((row) => ({
    all: row.n.collect({ by: row.w }),
    latest: row.n.collect({ by: row.w, descending: true, limit: 2 }),
    top: row.n.topK(2),
    mode: row.n.mode(),
    bins: row.w.histogram([-0.5, 0.5]),
    approx: row.n.approxCountDistinct(),
  }));

  it("are what a program over arrays gives, whatever the order of the rows", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (given) => {
        const found = await run(
          grouped,
          given.map((line) => ({ ...none, ...line })),
        );
        const keys = [...new Set(given.map(({ k }) => k))];
        const sorted = [...found].sort((a, b) => Number(Reflect.get(a, "k")) - Number(Reflect.get(b, "k")));
        expect(sorted).toEqual(
          keys.sort().map((k) => ({ ...oracle(given.filter((line) => line.k === k)), k, approx: expect.any(Number) })),
        );
      }),
      { numRuns: 25 },
    );
  });

  it("give the mean of vectors", async () => {
    const mean = rows.groupBy("k").aggregate((row) => ({ mean: row.v.mean() }));
    const found = await run(mean, [
      { ...none, k: 1, v: [1, 2] },
      { ...none, k: 1 },
      { ...none, k: 1, v: [2, 5] },
      { ...none, k: 2 },
    ]);
    expect(new Set(found)).toEqual(
      new Set([
        { k: 1, mean: new Float64Array([1.5, 3.5]) },
        { k: 2, mean: null },
      ]),
    );
  });

  it("estimate how many values differ within a few standard errors", async () => {
    const few = rows.groupBy("k").aggregate((row) => ({ approx: row.n.approxCountDistinct() }));
    const many = Array.from({ length: 20_000 }, (_, n) => ({ ...none, k: 1, n }));
    const [{ approx } = { approx: 0 }] = (await run(few, many)) as { approx: number }[];
    expect(Math.abs(approx - 20_000)).toBeLessThan(20_000 * 0.15 * 4);
    expect(await run(few, [...many].reverse())).toEqual([{ k: 1, approx }]);
  });
});

interface Line {
  readonly n: number | null;
  readonly w: number | null;
}

/** By its own means, row by row. */
function oracle(lines: readonly Line[]): object {
  const values = lines.filter((line): line is Line & { n: number } => line.n !== null);
  const order =
    (sign: number) =>
    (a: Line & { n: number }, b: Line & { n: number }): number => {
      if (a.w === null || b.w === null) return a.w === b.w ? a.n - b.n : a.w === null ? 1 : -1;
      return sign * (a.w - b.w) || a.n - b.n;
    };
  const counts = new Map<number, number>();
  for (const { n } of values) counts.set(n, (counts.get(n) ?? 0) + 1);
  const frequent = [...counts].sort(([a, x], [b, y]) => y - x || a - b).map(([n]) => n);
  const listOf = (list: readonly number[]): readonly number[] | null => (values.length === 0 ? null : list);
  const weights = lines.flatMap(({ w }) => (w === null ? [] : [w]));
  return {
    all: listOf([...values].sort(order(1)).map(({ n }) => n)),
    latest: listOf(
      [...values]
        .sort(order(-1))
        .map(({ n }) => n)
        .slice(0, 2),
    ),
    top: listOf(frequent.slice(0, 2)),
    mode: frequent[0] ?? null,
    bins: [
      weights.filter((w) => w < -0.5).length,
      weights.filter((w) => w >= -0.5 && w < 0.5).length,
      weights.filter((w) => w >= 0.5).length,
    ],
  };
}
