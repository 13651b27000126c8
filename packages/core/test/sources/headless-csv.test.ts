import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { memoryStore } from "@mlforge/testkit/store";
import { expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

it("a CSV file without a header keeps its columns in their places, also those that a feature does not use", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-csv-"));
  try {
    await writeFile(join(folder, "events.csv"), "x,a,1\ny,a,2\nz,b,3\n");
    const events = source({
      path: join(folder, "events.csv"),
      format: { kind: "csv", header: false },
      columns: { unused: t.string(), user: t.string(), amount: t.int64() },
    });
    const totals = feature({
      name: "totals",
      source: events,
      keys: ["user"],
      transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
    });
    await using defs = new Definitions({
      name: "csv",
      features: [totals],
      offlineStore: memoryStore(),
      engine: new DuckDBEngine({ threads: 1 }),
    });
    const { rows } = await defs.preview("totals");
    expect([...rows].sort((a, b) => String(a.user).localeCompare(String(b.user)))).toEqual([
      { user: "a", total: 3 },
      { user: "b", total: 3 },
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
