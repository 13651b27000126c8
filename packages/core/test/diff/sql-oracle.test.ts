import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Definitions, feature, source, t, type VersionDiff } from "../../src/index.js";

const engine = new DuckDBEngine();
let folder: string;
let connection: DuckDBConnection;
let data: NonNullable<VersionDiff["data"]>;
/** SQL that reads the published files. */
let from: string;
let to: string;

/** 30,000 rows and 28,000 others: heavy tails, 40 words of which some are rare, nulls and NaN. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-diff-"));
  connection = await (await DuckDBInstance.create()).connect();
  const path = join(folder, "rows.parquet");
  const columns = { id: t.int64(), real: t.float64(), word: t.string() };
  const defs = new Definitions({
    name: "oracle",
    features: [feature({ name: "f", source: source({ path, columns }), keys: ["id"] })],
    offlineStore: new LocalStore(join(folder, "store")),
    engine,
  });
  for (const [seed, rows, shift] of [
    [1, 30_000, 0],
    [2, 28_000, 0.3],
  ] as const) {
    const random = (salt: number): string => `(hash(i * 7 + ${salt + seed * 100}) % 1000003 / 1000003.0)`;
    await connection.run(`COPY (
      SELECT i + ${seed * 1000} AS id,
        CASE WHEN ${random(1)} < ${0.05 * seed} THEN NULL WHEN ${random(2)} < 0.01 THEN 'NaN'::DOUBLE
          WHEN i % 3 = 0 THEN 7 ELSE ${shift} - ln(${random(3)} + 1e-9) END AS real,
        CASE WHEN ${random(4)} < 0.02 THEN NULL ELSE 'word ' || CAST(floor(40 * ${random(5)} ** (2 + ${shift})) AS INTEGER) END AS word
      FROM range(${rows}) r(i)) TO '${path}' (FORMAT parquet)`);
    await defs.build();
  }
  const found = await defs.versions.diff("f");
  if (found.data === undefined) throw new Error("the data was asked for");
  data = found.data;
  [from, to] = [`'${join(folder, "store/f/1.0.0/data.parquet")}'`, `'${join(folder, "store/f/1.0.1/data.parquet")}'`];
});
afterAll(async () => {
  connection.closeSync();
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function query(sql: string): Promise<readonly number[]> {
  const [row = []] = (await connection.runAndReadAll(sql)).getRows();
  return row.map(Number);
}

function compared(): Extract<VersionDiff["data"], { kind: "compared" }> {
  if (data.kind !== "compared") throw new Error(`the data is ${data.kind}`);
  return data;
}

/** The index over bins that an expression numbers, in SQL alone. */
function indexSql(bin: string): string {
  const shares = (file: string): string =>
    `SELECT ${bin} AS bin, count(*) / (SELECT count(*) FROM ${file}) AS share FROM ${file} GROUP BY 1`;
  return `WITH p AS (${shares(from)}), q AS (${shares(to)}),
    merged AS (SELECT greatest(coalesce(p.share, 0), 1e-4) AS p, greatest(coalesce(q.share, 0), 1e-4) AS q FROM p FULL JOIN q ON p.bin = q.bin)
    SELECT sum((q - p) * ln(q / p)) FROM merged`;
}

describe("the data of a diff of many rows", () => {
  it("counts rows and changes as a full join of the files does", async () => {
    const joined = `FROM ${from} a FULL JOIN ${to} b ON a.id = b.id`;
    const differs = (name: string): string => `a.${name} IS DISTINCT FROM b.${name}`;
    const both = "a.id IS NOT NULL AND b.id IS NOT NULL";
    const [onlyFrom, onlyTo, changed, unchanged, real, word] = await query(`SELECT count(*) FILTER (WHERE b.id IS NULL),
      count(*) FILTER (WHERE a.id IS NULL), count(*) FILTER (WHERE ${both} AND (${differs("real")} OR ${differs("word")})),
      count(*) FILTER (WHERE ${both} AND NOT (${differs("real")} OR ${differs("word")})),
      count(*) FILTER (WHERE ${both} AND ${differs("real")}), count(*) FILTER (WHERE ${both} AND ${differs("word")}) ${joined}`);
    expect(compared().rows).toEqual({ onlyFrom, onlyTo, changed, rounded: 0, unchanged });
    expect(changed).toBeGreaterThan(1_000);
    expect(compared().columns.map((column) => column.changed?.rows)).toEqual([undefined, real, word]);
  });

  it("profiles a column as SQL over one file does", async () => {
    for (const [file, side] of [
      [from, "from"],
      [to, "to"],
    ] as const) {
      const finite = "FILTER (WHERE NOT isnan(real))";
      const wanted =
        await query(`SELECT count(*) - count(real), count(DISTINCT real), count(*) FILTER (WHERE isnan(real)), min(real) ${finite},
        max(real) ${finite}, avg(real) ${finite}, stddev_samp(real) ${finite}, quantile_cont(real, 0.05) ${finite}, quantile_cont(real, 0.25) ${finite},
        quantile_cont(real, 0.5) ${finite}, quantile_cont(real, 0.75) ${finite}, quantile_cont(real, 0.95) ${finite} FROM ${file}`);
      const { nulls, distinct, notFinite, min, max, numbers } = compared().columns[1]?.[side] ?? {};
      const { p05, p25, p50, p75, p95 } = numbers?.quantiles ?? {};
      const found = [nulls, distinct, notFinite, min, max, numbers?.mean, numbers?.std, p05, p25, p50, p75, p95].map(Number);
      for (const [index, value] of found.entries()) expect(value).toBeCloseTo(wanted[index] ?? Number.NaN, 9);
    }
  });

  it("measures the drift of numbers over deciles", async () => {
    const deciles = `(SELECT list_sort(list_distinct(quantile_cont(real, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]))) FROM ${from} WHERE NOT isnan(real))`;
    const bin = `CASE WHEN real IS NULL THEN -2 WHEN isnan(real) THEN -1 ELSE len(list_filter(${deciles}, lambda edge: edge < real)) END`;
    const [wanted] = await query(indexSql(bin));
    expect(compared().columns[1]?.drift).toBeCloseTo(wanted ?? Number.NaN, 9);
    expect(wanted).toBeGreaterThan(0.05);
  });

  it("measures the drift of words over the 20 most frequent ones and the rest", async () => {
    const top = `(SELECT list(word) FROM (SELECT word FROM ${from} WHERE word IS NOT NULL GROUP BY word ORDER BY count(*) DESC, word LIMIT 20))`;
    const [words, wanted] = [
      await query(`SELECT count(DISTINCT word) FROM ${from}`),
      await query(indexSql(`CASE WHEN word IS NULL THEN '-' WHEN list_contains(${top}, word) THEN word ELSE 'rest' END`)),
    ];
    expect(words[0]).toBe(40);
    expect(compared().columns[2]?.drift).toBeCloseTo(wanted[0] ?? Number.NaN, 9);
    expect(wanted[0]).toBeGreaterThan(0.01);
  });
});
