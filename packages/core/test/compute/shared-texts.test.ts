import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { type Columns, type Engine, mapScans, type Plan, type WriteTarget } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, type AnySource, Definitions, feature, source, t } from "../../src/index.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The real engine, and how often what it wrote was read out of text. */
function watched(): { readonly engine: Engine; readonly texts: () => number } {
  const inner = new DuckDBEngine({ threads: 1, tempDirectory: folder });
  let texts = 0;
  const engine: Engine = {
    specVersion: inner.specVersion,
    name: inner.name,
    version: inner.version,
    capabilities: inner.capabilities,
    describe: (plan, options) => inner.describe(plan, options),
    run: (plan, options) => inner.run(plan, options),
    write(plan: Plan, target: WriteTarget, options) {
      mapScans(plan, (scan) => {
        if (scan.format.kind !== "parquet") texts += 1;
        return scan;
      });
      return inner.write(plan, target, options);
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { engine, texts: () => texts };
}

function definitionsOf(features: readonly AnyFeature[], engine: Engine, store: string): Definitions {
  return new Definitions({ name: "test", features, offlineStore: new LocalStore(join(folder, store)), engine });
}

async function rowsOf(defs: Definitions, name: string): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const row of (await defs.readFeature(name)).rows()) rows.push(row);
  return rows;
}

function maximum(name: string, from: AnySource, column: string): AnyFeature {
  return feature({
    name,
    source: from,
    keys: ["user"],
    transform: (rows) =>
      rows.groupBy("user").aggregate((row) => {
        const value = row[column];
        if (value === undefined) throw new Error(`no column ${column}`);
        return { greatest: value.max() };
      }),
  });
}

const columns: Columns = { user: t.string(), at: t.timestamp({ format: "%d.%m.%Y" }), amount: t.decimal(9, 2), note: t.string() };
const csv = "user,at,amount,note\na,31.12.2024,1.50,x\nb,01.02.2025,2.25,\na,02.01.2025,3.00,y\n";
const ndjson = '{"user":"a","n":1,"m":7}\n{"user":"b","n":2,"m":8}\n{"user":"a","n":3,"m":9}\n';

describe("a source of text that several features read", () => {
  it("is parsed once for all, and gives each what it would get alone", async () => {
    await writeFile(join(folder, "events.csv"), csv);
    await writeFile(join(folder, "numbers.ndjson"), ndjson);
    const events = source({ path: join(folder, "events.csv"), columns });
    const numbers = source({ path: join(folder, "numbers.ndjson") });
    const features = [
      ...["at", "amount", "note"].map((column) => maximum(`by_${column}`, events, column)),
      ...["n", "m"].map((column) => maximum(`by_${column}`, numbers, column)),
    ];
    const { engine, texts } = watched();
    await using together = definitionsOf(features, engine, "together");
    expect((await together.build()).failed).toEqual([]);
    expect(texts()).toBe(2);
    for (const each of features) {
      const alone = watched();
      await using defs = definitionsOf([each], alone.engine, each.name);
      await defs.build();
      expect(alone.texts()).toBe(1);
      expect(await rowsOf(together, each.name)).toEqual(await rowsOf(defs, each.name));
    }
    expect(await rowsOf(together, "by_amount")).toEqual([
      { user: "a", greatest: "3.00" },
      { user: "b", greatest: "2.25" },
    ]);
    expect((await readdir(join(folder, "together", ".mlforge", "staging"))).length).toBe(0);
  });

  it("fails only those that need what is wrong with it, each with its own message", async () => {
    await writeFile(join(folder, "events.csv"), csv.replace("2.25", "much"));
    const events = source({ path: join(folder, "events.csv"), columns });
    const { engine } = watched();
    await using defs = definitionsOf([maximum("by_amount", events, "amount"), maximum("by_note", events, "note")], engine, "store");
    const { built, failed } = await defs.build();
    expect(built.map(({ feature: name }) => name)).toEqual(["by_note"]);
    expect(failed.map(({ feature: name, error }) => [name, error.code])).toEqual([["by_amount", "SCHEMA_MISMATCH"]]);
    expect(failed[0]?.error.message).toContain(join(folder, "events.csv"));
  });

  it("is read by each where they take one of its columns for different things", async () => {
    await writeFile(join(folder, "events.csv"), csv);
    const path = join(folder, "events.csv");
    const one = source({ path, columns: { user: t.string(), amount: t.float64() } });
    await writeFile(join(folder, "users.csv"), "user\na\nb\n");
    const other = source({ path, name: "texts", columns: { user: t.string(), amount: t.string() } });
    const joined = feature({
      name: "as_text",
      source: source({ path: join(folder, "users.csv"), columns: { user: t.string() } }),
      keys: ["user"],
      transform: (rows, from) =>
        rows
          .join(from(other), { on: "user" })
          .groupBy("user")
          .aggregate(({ amount }) => ({ greatest: amount.max() })),
    });
    const { engine } = watched();
    await using defs = definitionsOf([maximum("as_number", one, "amount"), joined], engine, "store");
    expect((await defs.build()).failed).toEqual([]);
    expect(await rowsOf(defs, "as_number")).toEqual([
      { user: "a", greatest: 3 },
      { user: "b", greatest: 2.25 },
    ]);
    expect(await rowsOf(defs, "as_text")).toEqual([
      { user: "a", greatest: "3.00" },
      { user: "b", greatest: "2.25" },
    ]);
  });

  it("is read by each where only one of them says how a time is written", async () => {
    const path = join(folder, "events.csv");
    await writeFile(path, "user,at\na,2025-02-01\n");
    await writeFile(join(folder, "users.csv"), "user\na\n");
    const swapped = source({ path, columns: { user: t.string(), at: t.timestamp({ format: "%Y-%d-%m" }) } });
    const plain = source({ path, name: "plain", columns: { user: t.string(), at: t.timestamp() } });
    const joined = feature({
      name: "plain",
      source: source({ path: join(folder, "users.csv"), columns: { user: t.string() } }),
      keys: ["user"],
      transform: (rows, from) =>
        rows
          .join(from(plain), { on: "user" })
          .groupBy("user")
          .aggregate(({ at }) => ({ greatest: at.max() })),
    });
    const { engine } = watched();
    await using defs = definitionsOf([maximum("swapped", swapped, "at"), joined], engine, "store");
    expect((await defs.build()).failed).toEqual([]);
    expect(await rowsOf(defs, "swapped")).toEqual([{ user: "a", greatest: new Date("2025-01-02T00:00:00Z") }]);
    expect(await rowsOf(defs, "plain")).toEqual([{ user: "a", greatest: new Date("2025-02-01T00:00:00Z") }]);
  });

  it("keeps the columns out of its folders, whichever of them each needs", async () => {
    for (const dt of ["2024-01-01", "2024-01-02"]) {
      await mkdir(join(folder, `dt=${dt}`, "region=eu"), { recursive: true });
      await writeFile(join(folder, `dt=${dt}`, "region=eu", "a.csv"), "user,amount,dt\na,1,no\n");
    }
    const path = join(folder, "*/*/*.csv");
    const file = { user: t.string(), amount: t.int64() };
    const events = source({ path, name: "events", columns: file, partitions: { dt: t.date(), region: t.string() } });
    const features = ["dt", "region", "amount"].map((column) => maximum(`by_${column}`, events, column));
    const { engine, texts } = watched();
    await using defs = definitionsOf(features, engine, "store");
    expect((await defs.build()).failed).toEqual([]);
    expect(texts()).toBe(1);
    expect(await rowsOf(defs, "by_dt")).toEqual([{ user: "a", greatest: new Date("2024-01-02T00:00:00Z") }]);
    expect(await rowsOf(defs, "by_region")).toEqual([{ user: "a", greatest: "eu" }]);
    expect(await rowsOf(defs, "by_amount")).toEqual([{ user: "a", greatest: 1 }]);
  });

  it("is read by each where one takes for a folder's what is in the files for another", async () => {
    await mkdir(join(folder, "dt=folder"));
    await writeFile(join(folder, "dt=folder", "a.csv"), "user,dt\na,file\n");
    await writeFile(join(folder, "users.csv"), "user\na\n");
    const path = join(folder, "*/*.csv");
    const one = source({ path, name: "events", columns: { user: t.string() }, partitions: { dt: t.string() } });
    const other = source({ path, name: "texts", columns: { user: t.string(), dt: t.string() } });
    const joined = feature({
      name: "of_file",
      source: source({ path: join(folder, "users.csv"), columns: { user: t.string() } }),
      keys: ["user"],
      transform: (rows, from) => rows.join(from(other), { on: "user" }),
    });
    const { engine } = watched();
    await using defs = definitionsOf([maximum("of_folder", one, "dt"), joined], engine, "store");
    expect((await defs.build()).failed).toEqual([]);
    expect(await rowsOf(defs, "of_folder")).toEqual([{ user: "a", greatest: "folder" }]);
    expect(await rowsOf(defs, "of_file")).toEqual([{ user: "a", dt: "file" }]);
  });
});
