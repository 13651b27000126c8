import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { afterAll, describe, expect, it } from "vitest";
import { describeConnector, memoryDatabase, type TestDatabase } from "../../src/connector/index.js";
import { brokenConnectors } from "./broken-connectors.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

describeConnector({ describe, it }, "the reference connector", { engine, open: async () => memoryDatabase() });

describe("the suite", () => {
  it.each(brokenConnectors)('finds a connector that $mistake: "$breaks"', async ({ breaks, changed }) => {
    expect(await brokenLaws(() => memoryDatabase(changed), breaks)).toEqual([breaks]);
  });
});

/** The names of the tests that fail, of those with this name. */
async function brokenLaws(open: () => TestDatabase, only: string): Promise<string[]> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => tests.push({ name, body }),
  };
  describeConnector(runner, "a connector", { engine, open: async () => open() });
  const failed: string[] = [];
  for (const { name, body } of tests) if (name === only) await body().catch(() => failed.push(name));
  return failed;
}
