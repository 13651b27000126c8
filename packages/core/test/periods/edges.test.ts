import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Plan } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeEach, expect, it } from "vitest";
import { type AnyFeature, Definitions, feature, source, t } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-edges-"));
  return () => rm(folder, { recursive: true, force: true });
});
afterAll(() => engine[Symbol.asyncDispose]());

const path = (name: string): string => join(folder, name);
const write = (name: string, ...lines: readonly string[]): Promise<void> => writeFile(path(name), `${lines.join("\n")}\n`);

/** Builds a feature with months and without, and returns the rows of both, sorted as text. */
async function bothOf(
  of: (options: { readonly name: string; readonly partition?: "month" }) => AnyFeature,
): Promise<readonly (readonly string[])[]> {
  const features = [of({ name: "divided", partition: "month" }), of({ name: "whole" })];
  const defs = new Definitions({ name: "edges", features, offlineStore: new LocalStore(path("store")), engine });
  expect((await defs.build()).failed).toEqual([]);
  const all: (readonly string[])[] = [];
  for (const { name } of features) {
    const rows: string[] = [];
    const int64 = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
    for await (const row of (await defs.readFeature(name)).rows({ timestamp: "microseconds" }))
      rows.push(JSON.stringify(row, int64).replaceAll(`"${name}__`, '"'));
    all.push(rows.sort());
  }
  return all;
}

const columns = { id: t.int64(), at: t.timestamp(), known: t.timestamp(), user: t.string(), n: t.int64() };
const events = (name: string, options: object = {}) => source({ name, path: path(`${name}.csv`), columns, static: true, ...options });

async function writeEvents(header: readonly string[]): Promise<void> {
  await write("a.csv", ...header, "1,2024-01-05T00:00:00Z,2024-01-05T00:00:00Z,ann,1", "2,2024-03-05T00:00:00Z,2024-03-05T00:00:00Z,ann,2");
  await write("b.csv", ...header, "3,2024-01-09T00:00:00Z,2024-01-09T00:00:00Z,bo,3");
}

it("lists the periods of rows that a sequence orders by another time", async () => {
  await writeEvents(["id,at,known,user,n"]);
  const [divided, whole] = await bothOf((options) =>
    feature({
      ...options,
      source: events("a"),
      keys: ["id"],
      timestamp: "known",
      transform: (rows, from) =>
        rows
          .sequence({ keys: ["user"], timestamp: "at", columns: { before: { lag: "n" } } })
          .select("id", "known", "before")
          .union(
            from(events("b"))
              .derive(({ n }) => ({ before: n }))
              .select("id", "known", "before"),
          ),
    }),
  );
  expect(divided).toHaveLength(3);
  expect(divided).toEqual(whole);
});

it("lists the periods of a file without a header that is also joined to itself", async () => {
  await writeEvents([]);
  const format = { kind: "csv", header: false } as const;
  const [divided, whole] = await bothOf((options) =>
    feature({
      ...options,
      source: events("a", { format }),
      keys: ["id"],
      timestamp: "known",
      transform: (rows, from) =>
        rows.union(from(events("b", { format }))).join(
          rows.groupBy("user").aggregate(({ n }) => ({ most: n.max() })),
          { on: "user", type: "left" },
        ),
    }),
  );
  expect(divided).toHaveLength(3);
  expect(divided).toEqual(whole);
});

it("notices two rows that exchange a value", async () => {
  const flags = source({
    name: "flags",
    path: path("flags.csv"),
    columns: { at: t.timestamp(), id: t.int64(), flag: t.boolean() },
    timestamp: "at",
  });
  const both = (): Promise<readonly (readonly string[])[]> => bothOf((options) => feature({ ...options, source: flags, keys: ["id"] }));
  // In DuckDB 1.5.5, a sum of the hashes of these rows is the same after the exchange.
  await write("flags.csv", "at,id,flag", "2024-01-05T00:00:00Z,98,true", "2024-01-05T00:00:00Z,142003,false");
  await both();
  await write("flags.csv", "at,id,flag", "2024-01-05T00:00:00Z,98,false", "2024-01-05T00:00:00Z,142003,true");
  const [divided, whole] = await both();
  expect(divided).toEqual(whole);
});

it("reads files of which only the newer ones have a column", async () => {
  const parquet = async (name: string, rows: readonly (readonly (string | null)[])[], names: readonly string[]): Promise<void> => {
    const kinds = { id: "int64", at: "timestamp", tag: "string" } as const;
    const plan: Plan = {
      op: "values",
      columns: names.flatMap((each) =>
        each === "id" || each === "at" || each === "tag" ? [{ name: each, kind: kinds[each], nullable: true }] : [],
      ),
      rows,
    };
    await engine.write(plan, { url: pathToFileURL(path(name)).href, format: "parquet" });
  };
  await parquet("1.parquet", [["1", "2024-01-05T00:00:00.000000Z"]], ["id", "at"]);
  await parquet("2.parquet", [["2", "2024-03-05T00:00:00.000000Z", "new"]], ["id", "at", "tag"]);
  const rows = source({
    name: "rows",
    path: path("*.parquet"),
    columns: { id: t.int64(), at: t.timestamp(), tag: t.string() },
    timestamp: "at",
  });
  const both = (): Promise<readonly (readonly string[])[]> => bothOf((options) => feature({ ...options, source: rows, keys: ["id"] }));
  expect((await both())[0]).toHaveLength(2);
  await parquet("3.parquet", [["3", "2024-01-06T00:00:00.000000Z"]], ["id", "at"]);
  const [divided, whole] = await both();
  expect(divided).toHaveLength(3);
  expect(divided).toEqual(whole);
});

it("reads files of which only all together show the format of their times", async () => {
  await write("1.csv", "id,at", "1,05/01/2024", "2,07/02/2024");
  await write("2.csv", "id,at", "3,25/01/2024");
  const rows = source({ name: "rows", path: path("*.csv"), columns: { id: t.int64(), at: t.timestamp() }, timestamp: "at" });
  const both = (): Promise<readonly (readonly string[])[]> => bothOf((options) => feature({ ...options, source: rows, keys: ["id"] }));
  expect((await both())[0]).toHaveLength(3);
  await write("3.csv", "id,at", "4,06/01/2024");
  const [divided, whole] = await both();
  expect(divided).toHaveLength(4);
  expect(divided).toEqual(whole);
});

it("does not mind times at the edge of the calendar that it filters out", async () => {
  await write("1.csv", "id,at,n", "1,2024-01-05T00:00:00Z,1", "2,9999-12-31T00:00:00Z,0", "3,0001-01-01T00:00:00Z,0");
  const rows = source({ name: "rows", path: path("*.csv"), columns: { id: t.int64(), at: t.timestamp(), n: t.int64() }, timestamp: "at" });
  const rolling = { every: "1d", windows: ["7d"], aggregations: { n: ["sum"] } } as const;
  const [divided, whole] = await bothOf((options) => {
    const positive = feature({ ...options, source: rows, keys: ["id"], transform: (all) => all.filter(({ n }) => n.gt(0)), rolling });
    return positive;
  });
  expect(divided).toHaveLength(2);
  expect(divided).toEqual(whole);
});
