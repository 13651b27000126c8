import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { RuleResult } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Definitions, feature, source } from "../../src/index.js";
import { columns, csvOf, failing, type GivenRow, type GivenRule, givenRows, givenRule, keysOf, validatorOf } from "./oracle.js";

let folder: string;
let engine: DuckDBEngine;
let store: LocalStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-test-"));
  engine = new DuckDBEngine();
  store = new LocalStore(join(folder, "store"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

let files = 0;

async function validate(rows: readonly GivenRow[], rules: readonly GivenRule[]): Promise<readonly RuleResult[]> {
  const path = join(folder, `${files++}.csv`);
  await writeFile(path, csvOf(rows));
  const made = feature({ name: "made", source: source({ path, columns }), keys: ["k"], validators: rules.map(validatorOf) });
  const defs = new Definitions({ name: "counts", features: [made], offlineStore: store, engine });
  const { validated, failed } = await defs.validate();
  if (failed[0] !== undefined) throw failed[0].error;
  return validated[0]?.rules ?? [];
}

describe("validators", () => {
  it("count what plain JavaScript counts, and show rows that fail", async () => {
    await fc.assert(
      fc.asyncProperty(givenRows, fc.array(givenRule, { minLength: 1, maxLength: 8 }), async (rows, rules) => {
        const results = await validate(rows, rules);
        expect(results).toHaveLength(rules.length);
        for (const [index, rule] of rules.entries()) {
          const failed = failing(rule, rows);
          const tolerate = rule.rule === "rowCount" ? 0 : rule.tolerate;
          const passed = failed.length === 0 || failed.length / rows.length <= tolerate;
          const result = results[index];
          expect(result, rule.rule).toMatchObject({ severity: rule.severity, rows: rows.length, failed: failed.length, passed });
          const shown = keysOf(result?.examples ?? []);
          expect(shown).toHaveLength(passed || rule.rule === "rowCount" ? 0 : Math.min(failed.length, 3));
          if (rule.rule === "unique") expect(failed.map(({ k }) => k)).toEqual(expect.arrayContaining([...shown]));
          else if (shown.length > 0) expect(shown).toEqual(failed.slice(0, 3).map(({ k }) => k));
        }
      }),
      { numRuns: 150 },
    );
  });
});
