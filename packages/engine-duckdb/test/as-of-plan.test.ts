import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openDatabase } from "../src/database.js";

const folder = await mkdtemp(join(tmpdir(), "mlforge-as-of-plan-"));
afterAll(() => rm(folder, { recursive: true }));

it("sorts both sides of an as-of join, however few rows DuckDB believes that a text file has", async () => {
  const path = join(folder, "labels.ndjson");
  await writeFile(path, '{"k":1,"t":5}\n'.repeat(1_000));
  const database = await openDatabase({});
  const connection = await database.connect();
  try {
    await connection.run("CREATE TABLE events AS SELECT i % 10 AS k, i AS t FROM range(100_000) AS r(i)");
    const labels = `read_json('${path}', format = 'newline_delimited', columns = {k: 'BIGINT', t: 'BIGINT'})`;
    const explained = await connection.runAndReadAll(
      `EXPLAIN (FORMAT json) SELECT l.k, e.t FROM ${labels} AS l ASOF LEFT JOIN events AS e ON l.k = e.k AND l.t >= e.t`,
    );
    const plan = JSON.stringify(explained.getRowsJson());
    expect(plan).toContain("ASOF_JOIN");
    expect(plan).not.toMatch(/NESTED_LOOP|PIECEWISE/);
  } finally {
    connection.closeSync();
    await database.close();
  }
});
