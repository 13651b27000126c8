import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { isMlforgeError, mapScans, type Plan, schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { checkTies } from "../../src/compute/check-ties.js";
import { contentOf } from "../../src/define/relation-builder.js";
import { type RowValue, rowsOf } from "../../src/read/rows.js";
import { pruneColumns } from "../../src/resolve/prune-columns.js";
import {
  evaluateTimed,
  hasSharedTimestamps,
  type Tables,
  type TimedRow,
  timedRelation,
  timedSourcesIn,
  timedTables,
} from "../define/timed-plans.js";
import { nobody, writeTables } from "../define/write-tables.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

it("as-of joins of the builder give what a loop over all rows gives, and are refused where it would have to choose", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-as-of-"));
  let run = 0;
  const seen = { equal: 0, refused: 0 };
  const plans = fc.array(
    timedRelation(5, timedSourcesIn(folder))
      .map((relation) => contentOf(relation)?.plan)
      .filter((plan) => plan !== undefined)
      .map(pruneColumns)
      .filter((plan) => JSON.stringify(plan).includes("asOfJoin")),
    { minLength: 15, maxLength: 15 },
  );
  await fc.assert(
    fc.asyncProperty(plans, timedTables, async (all, drawn) => {
      const isTwice = run++ % 2 === 1;
      const tables = isTwice ? { ...drawn, plans: [...(drawn.plans ?? []), twin, { ...twin, p: 2 }] } : drawn;
      await writeTables(folder, tables);
      const written = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, [...rows, nobody]]));
      for (const plan of all) {
        const bound = mapScans(plan, (scan) => ({ ...scan, paths: [pathToFileURL(join(folder, `${scan.source}.ndjson`)).href] }));
        const isRefused = hasSharedTimestamps(plan, written);
        expect(await refuses(bound)).toBe(isRefused);
        seen[isRefused ? "refused" : "equal"] += 1;
        if (!isRefused) expect(await rowsFrom(bound)).toEqual(expectedRows(plan, written));
      }
    }),
    { numRuns: 4 },
  );
  await rm(folder, { recursive: true, force: true });
  expect(seen.equal).toBeGreaterThan(40);
  expect(seen.refused).toBeGreaterThan(1);
});

/** Two of these are of one timestamp. */
const twin: TimedRow = { k: 1, since: 86_400_000_000, p: 1 };

async function refuses(plan: Plan): Promise<boolean> {
  try {
    await checkTies(engine, "f", plan);
    return false;
  } catch (error) {
    if (isMlforgeError(error, "KEY_VIOLATION")) return true;
    throw error;
  }
}

async function rowsFrom(plan: Plan): Promise<readonly string[]> {
  const schema = schemaOf(plan);
  const rows: string[] = [];
  for await (const batch of engine.run(plan)) {
    for (const row of rowsOf(batch, schema, { timestamp: "microseconds" }))
      rows.push(JSON.stringify(schema.map(({ name }) => numberOf(row[name] ?? null))));
  }
  return rows.sort();
}

function numberOf(value: RowValue): number | null {
  if (value === null) return null;
  return value instanceof Date ? value.getTime() * 1_000 : Number(value);
}

function expectedRows(plan: Plan, tables: Tables): readonly string[] {
  const schema = schemaOf(plan);
  return evaluateTimed(plan, tables)
    .map((row: TimedRow) => JSON.stringify(schema.map(({ name }) => row[name] ?? null)))
    .sort();
}
