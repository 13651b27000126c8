import { describe, expect, it } from "vitest";
import { describeStore, memoryStore } from "../src/store/index.js";
import { type BrokenStore, brokenStores, brokenWithoutConditions } from "./broken-stores.js";

type Capabilities = Parameters<typeof describeStore>[2]["capabilities"];

const full: Capabilities = { conditionalPut: "full", workingTree: false, readable: true };
const none: Capabilities = { conditionalPut: "none", workingTree: false, readable: true };

describe("the suite", () => {
  it("finds nothing wrong with the reference store", async () => {
    expect(await brokenLaws(full, () => memoryStore())).toEqual([]);
  });

  for (const broken of brokenStores) findsOut(broken, full);
  for (const broken of brokenWithoutConditions) findsOut(broken, none);
});

function findsOut({ mistake, breaks, open }: BrokenStore, capabilities: Capabilities): void {
  it(`${capabilities.conditionalPut === "none" ? "without conditional put, " : ""}${mistake}: fails "${breaks}"`, async () => {
    expect(await brokenLaws(capabilities, open, breaks)).toEqual([breaks]);
  });
}

/** The names of the tests that fail, in the order of the suite; of one law, if it is named. */
async function brokenLaws(capabilities: Capabilities, open: () => ReturnType<typeof memoryStore>, only?: string): Promise<string[]> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => tests.push({ name, body }),
  };
  describeStore(runner, "a store", { capabilities, open: async () => open() });
  const failed: string[] = [];
  for (const { name, body } of tests) {
    if (only !== undefined && name !== only) continue;
    await body().catch(() => failed.push(name));
  }
  return failed;
}
