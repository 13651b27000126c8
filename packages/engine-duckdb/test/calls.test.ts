import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Plan } from "@mlforge/spec";
import { ownerName } from "@mlforge/spec/ownership";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onlyValue, rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { type DuckDBEngineOptions, openDatabase } from "../src/database.js";
import { DuckDBEngine } from "../src/index.js";
import { recordBatches } from "../src/record-batches.js";
import { Session } from "../src/session.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-calls-"));
});
afterEach(() => rm(folder, { recursive: true }));

const sql = (query: string): Plan => ({ op: "sql", query, inputs: {}, columns: [nullable("n", "int64")] });

/** Returns the value of a query that no plan can run, in the database of an engine with these options. */
async function inDatabase(query: string, options: DuckDBEngineOptions = {}): Promise<unknown> {
  const database = await openDatabase(options);
  try {
    const connection = await database.connect();
    return (await connection.runAndReadAll(query)).getRowsJson()[0]?.[0];
  } finally {
    await database.close();
  }
}

/** Hours of work without a row before the end. */
const endless = sql("SELECT count(*) AS n FROM range(10000000) AS a(i), range(10000000) AS b(j) WHERE hash(i + j) = 0");
/** Rows without end, one batch at a time. */
const manyRows = sql("SELECT i AS n FROM range(10000000000) AS r(i)");

async function countRows(engine: DuckDBEngine, plan: Plan): Promise<number> {
  let rows = 0;
  for await (const batch of engine.run(plan)) rows += batch.numRows;
  return rows;
}

describe("the engine", () => {
  it("says the version of DuckDB itself", async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll("SELECT version()");
    expect(reader.getRowsJson()).toEqual([[`v${new DuckDBEngine().version}`]]);
    connection.closeSync();
    instance.closeSync();
  });

  it("computes in UTC wherever it runs", async () => {
    await using engine = new DuckDBEngine();
    const query = "SELECT epoch_us(CAST(TIMESTAMPTZ '2020-07-01 00:00:00+00' AS TIMESTAMP)) AS n";
    expect(await onlyValue(engine, sql(query))).toBe(BigInt(Date.UTC(2020, 6, 1)) * 1000n);
  });

  it("keeps no cache of files, which takes one that is written anew within the same second for the one it knows", async () => {
    expect(await inDatabase("SELECT current_setting('enable_external_file_cache')")).toBe(false);
  });

  it("loads no extension", async () => {
    await expect(inDatabase("FROM read_parquet('https://localhost:1/x.parquet')")).rejects.toThrow("extension");
    for (const setting of [
      "autoinstall_known_extensions",
      "autoload_known_extensions",
      "allow_community_extensions",
      "allow_unsigned_extensions",
    ])
      expect([setting, await inDatabase(`SELECT current_setting('${setting}')`)]).toEqual([setting, false]);
  });

  it("rejects where a text file has a wrong value after many rows, and says which", async () => {
    const path = join(folder, "rows.ndjson");
    await writeFile(path, `${Array.from({ length: 60_000 }, (_, n) => `{"n":${n}}`).join("\n")}\n{"n":"x"}\n`);
    await using engine = new DuckDBEngine({ threads: 2 });
    const scan: Plan = {
      op: "scan",
      source: "rows",
      format: { kind: "ndjson" },
      paths: [pathToFileURL(path).href],
      columns: [nullable("n", "int64")],
    };
    await expect(countRows(engine, scan)).rejects.toMatchObject({ code: "SCHEMA_MISMATCH", message: expect.stringContaining('"x"') });
  });

  it.each([
    ["memoryLimit", { memoryLimit: "a lot" }, 'is "a lot"', 'for example "2GB"'],
    ["memoryLimit", { memoryLimit: "2" }, 'is "2"', 'for example "2GB"'],
    ["threads", { threads: 0 }, "is 0", "a whole number of at least 1"],
  ])("with a wrong %s says so at the first call, and can be disposed of: %j", async (argument, options, value, advice) => {
    const engine = new DuckDBEngine({ ...options, tempDirectory: folder });
    const error: unknown = await engine.describe(manyRows).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "USAGE_INVALID", details: { argument } });
    expect(error).toMatchObject({ message: expect.stringContaining(`${argument} of the duckdb engine ${value}, which cannot be used`) });
    expect(error).toMatchObject({ message: expect.stringContaining(advice) });
    await engine[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });

  it("with a tempDirectory that cannot be made says so", async () => {
    const file = join(folder, "file");
    await writeFile(file, "in the way");
    await using engine = new DuckDBEngine({ tempDirectory: join(file, "below") });
    await expect(engine.describe(manyRows)).rejects.toMatchObject({
      code: "USAGE_INVALID",
      details: { argument: "tempDirectory" },
      message: expect.stringMatching(/tempDirectory .*file.below.* ENOTDIR.*name a folder that can be made and written to/),
    });
  });

  it("uses the limits it is given", async () => {
    const query = "SELECT current_setting('memory_limit') || ' ' || current_setting('threads')";
    expect(await inDatabase(query, { memoryLimit: "200MB", threads: 3 })).toBe("190.7 MiB 3");
  });
});

describe("an abort", () => {
  it("before a call rejects with its reason, and nothing is done", async () => {
    await using engine = new DuckDBEngine({ tempDirectory: folder });
    const reason = { why: "before" };
    const options = { signal: AbortSignal.abort(reason) };
    await expect(engine.describe(endless, options)).rejects.toBe(reason);
    await expect(rowsOf(engine, endless, options)).rejects.toBe(reason);
    await expect(engine.write(endless, { url: pathToFileURL(join(folder, "a")).href, format: "parquet" }, options)).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it("interrupts a call that still waits for a thread", async () => {
    await using engine = new DuckDBEngine({ threads: 1 });
    const controllers = Array.from({ length: 12 }, () => new AbortController());
    const running = controllers.map(({ signal }) => rowsOf(engine, endless, { signal }));
    for (const [index, controller] of controllers.entries()) controller.abort(index);
    expect(await Promise.allSettled(running)).toEqual(controllers.map((_, reason) => ({ status: "rejected", reason })));
  });

  it("of a write removes what was written", async () => {
    await using engine = new DuckDBEngine({ threads: 2 });
    const controller = new AbortController();
    const reason = new Error("stop");
    const { signal } = controller;
    const writing = engine.write(manyRows, { url: pathToFileURL(join(folder, "part.parquet")).href, format: "parquet" }, { signal });
    const rejection = expect(writing).rejects.toBe(reason);
    while (!(await readdir(folder)).includes("part.parquet"));
    controller.abort(reason);
    await rejection;
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the rows of a query", () => {
  it("can be left early, which releases the memory of the query", async () => {
    const database = await openDatabase({});
    try {
      const other = await database.connect();
      const held = async (): Promise<number> =>
        Number((await other.runAndReadAll("SELECT sum(memory_usage_bytes) FROM duckdb_memory()")).getRowsJson()[0]?.[0]);
      const session = new Session(await database.connect(), database, {}, () => {});
      const sorted = "SELECT CAST(hash(i) >> 1 AS BIGINT) AS n FROM range(3000000) AS r(i) ORDER BY n";
      for await (const batch of recordBatches(sorted, [nullable("n", "int64")], session)) {
        expect(batch.numRows).toBe(65_536);
        expect(await held()).toBeGreaterThan(20_000_000);
        break;
      }
      await session.close();
      expect(await held()).toBeLessThan(5_000_000);
    } finally {
      await database.close();
    }
  });

  it("come with progress from DuckDB's own counter", async () => {
    await using engine = new DuckDBEngine({ threads: 1 });
    const url = pathToFileURL(join(folder, "numbers.parquet")).href;
    await engine.write(sql("SELECT i AS n FROM range(3000000) AS r(i)"), { url, format: "parquet" });
    const controller = new AbortController();
    const scan: Plan = { op: "scan", source: "numbers", format: { kind: "parquet" }, paths: [url], columns: [nullable("n", "int64")] };
    const slow: Plan = {
      op: "sql",
      query: "SELECT CAST(max(length(md5(repeat(CAST(n AS VARCHAR), 1000)))) AS BIGINT) AS n FROM numbers",
      inputs: { numbers: scan },
      columns: [nullable("n", "int64")],
    };
    const fractions: number[] = [];
    const running = rowsOf(engine, slow, {
      signal: controller.signal,
      onProgress: ({ fraction }) => {
        fractions.push(fraction);
        if (fraction > 0) controller.abort("seen");
      },
    });
    await expect(running).rejects.toBe("seen");
    expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
  });
});

describe("dispose", () => {
  it("ends the calls that run, and can be repeated", async () => {
    const engine = new DuckDBEngine({ threads: 2, tempDirectory: folder });
    const running = rowsOf(engine, endless);
    const suspended = engine.run(manyRows);
    await suspended.next();
    await Promise.all([expect(running).rejects.toMatchObject({ name: "AbortError" }), engine[Symbol.asyncDispose]()]);
    await expect(suspended.next()).rejects.toMatchObject({ name: "AbortError" });
    await engine[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
    await expect(engine.describe(manyRows)).rejects.toThrow(TypeError);
  });

  it("ends a call that still opens the database", async () => {
    const engine = new DuckDBEngine({ tempDirectory: folder });
    const describing = expect(engine.describe(manyRows)).rejects.toMatchObject({ name: "AbortError" });
    await engine[Symbol.asyncDispose]();
    await describing;
    expect(await readdir(folder)).toEqual([]);
  });

  it("of an engine that was never used does nothing", async () => {
    const engine = new DuckDBEngine({ tempDirectory: join(folder, "unused") });
    await engine[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the temporary folder", () => {
  it("of a process that is gone is removed, those of others stay", async () => {
    const [boot, namespace, pid, start] = (await ownerName()).split(".");
    const dead = `mlforge-duckdb-${boot}.${namespace}.999999999.1.x`;
    const alive = `mlforge-duckdb-${boot}.${namespace}.${pid}.${start}.x`;
    const names = [dead, alive, `mlforge-duckdb-${"0".repeat(16)}.1.1.1.x`, "mine"];
    for (const name of names) await mkdir(join(folder, name));
    await using engine = new DuckDBEngine({ tempDirectory: folder });
    await rowsOf(engine, table([nullable("a", "string")], []));
    const left = await readdir(folder);
    expect(left).toEqual(expect.arrayContaining(names.filter((name) => name !== dead)));
    expect(left).not.toContain(dead);
    expect(left.length).toBe(4);
  });
});
