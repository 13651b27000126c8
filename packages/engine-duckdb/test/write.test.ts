import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plan } from "@mlforge/spec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { DuckDBEngine } from "../src/index.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-write-"));
});
afterEach(() => rm(folder, { recursive: true }));

const target = (name: string): { readonly url: string; readonly format: "parquet" } => ({
  url: pathToFileURL(join(folder, name)).href,
  format: "parquet",
});
const shuffled = (rows: number): Plan => ({
  op: "sort",
  by: ["k"],
  input: {
    op: "sql",
    query: `SELECT CAST(hash(i) % 9223372036854775807 AS BIGINT) AS k, md5(CAST(i AS VARCHAR)) AS s, i / 7 AS x FROM range(${rows}) AS r(i)`,
    inputs: {},
    columns: [nullable("k", "int64"), nullable("s", "string"), nullable("x", "float64")],
  },
});

/** Returns the size of the files in a folder and its folders. Files can vanish meanwhile. */
async function bytesIn(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map((entry) =>
      stat(join(path, entry)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe("write", () => {
  it("gives the same bytes whatever the threads", async () => {
    const hashes: string[] = [];
    for (const threads of [1, 2, 4, 4]) {
      await using engine = new DuckDBEngine({ threads });
      const name = `${hashes.length}.parquet`;
      await engine.write(shuffled(300_000), target(name));
      hashes.push(
        createHash("sha256")
          .update(await readFile(join(folder, name)))
          .digest("hex"),
      );
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it("spills where memory is short, and leaves nothing behind", async () => {
    const tempDirectory = join(folder, "spill");
    let mostSpilled = 0;
    {
      await using engine = new DuckDBEngine({ memoryLimit: "50MB", threads: 2, tempDirectory });
      const writing = { done: false };
      const written = engine.write(shuffled(1_500_000), target("big.parquet")).finally(() => {
        writing.done = true;
      });
      while (!writing.done) {
        mostSpilled = Math.max(mostSpilled, await bytesIn(tempDirectory));
      }
      expect((await written).rows).toBe(1_500_000);
    }
    expect(mostSpilled).toBeGreaterThan(10_000_000);
    expect(await readdir(tempDirectory)).toEqual([]);
  });

  it("that needs more memory than there is says so, and leaves no file", async () => {
    await using engine = new DuckDBEngine({ memoryLimit: "10MB", threads: 1 });
    const input: Plan = {
      op: "sql",
      query: "SELECT list(i)::VARCHAR AS s FROM range(20000000) AS r(i)",
      inputs: {},
      columns: [nullable("s", "string")],
    };
    await expect(engine.write(input, target("never.parquet"))).rejects.toMatchObject({
      code: "ENGINE_RESOURCES_EXHAUSTED",
      details: { engine: "duckdb" },
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("to a folder that does not exist fails in DuckDB's words", async () => {
    await using engine = new DuckDBEngine();
    const plan = table([nullable("a", "string")], []);
    await expect(engine.write(plan, target("absent/a.parquet"))).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      message: expect.stringContaining("No such file"),
    });
  });
});
