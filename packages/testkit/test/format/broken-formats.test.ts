import { describe, expect, it } from "vitest";
import { describeFormat } from "../../src/format/index.js";
import { type BrokenFormat, brokenFormats, controls } from "./broken-formats.js";

describe("the suite", () => {
  it.concurrent.for(brokenFormats)("finds a format that $mistake", async ({ breaks, open }, { expect }) => {
    expect((await brokenLaws(open, breaks)).sort()).toEqual([...breaks].sort());
  });

  it("names every law once", () => {
    const names = laws(() => {
      throw new Error("no law runs");
    }).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining([...controls, ...brokenFormats.flatMap(({ breaks }) => breaks)]));
  });
});

interface Test {
  readonly name: string;
  readonly body: () => Promise<void>;
}

function laws(open: BrokenFormat["open"]): readonly Test[] {
  const tests: Test[] = [];
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => tests.push({ name, body }),
  };
  describeFormat(runner, "a format", { open });
  return tests;
}

/** The names of the tests that fail, in the order of the suite, of those that are expected to fail and the controls. */
async function brokenLaws(open: BrokenFormat["open"], expected: readonly string[]): Promise<string[]> {
  const tests = laws(open).filter(({ name }) => controls.has(name) || expected.includes(name));
  const failed = await Promise.all(
    tests.map(({ name, body }) =>
      body().then(
        () => [],
        () => [name],
      ),
    ),
  );
  return failed.flat();
}
