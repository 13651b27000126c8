import { AssertionError } from "node:assert";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Engine } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEngine } from "../../src/engine/index.js";
import { type BrokenEngine, brokenEngines } from "./broken-engines.js";

// A failure is all that these tests look for, not its smallest example.
beforeAll(() => fc.configureGlobal({ endOnFailure: true }));
afterAll(() => fc.resetConfigureGlobal());

const sound = new DuckDBEngine();

/** Writes its files into a folder, as clusters do. */
const folders: Omit<BrokenEngine, "breaks"> = {
  mistake: "none",
  capabilities: { output: "folder" },
  methods: (inner) => ({
    write: async (plan, target, options) => {
      await mkdir(fileURLToPath(target.url), { recursive: true });
      return inner.write(plan, { ...target, url: `${target.url}/part-0.${target.format}` }, options);
    },
  }),
};

const lawsOfFiles = [
  "write to Parquet makes files that read back as the rows of the plan",
  "write returns the files that it wrote, at or below the target, with the right sizes and hashes",
  "write of no rows makes a file with the columns",
  "write of the same rows gives the same bytes",
  "write of a plan that fails on its way leaves no file",
  "write to CSV has a header and times in ISO 8601",
  "an abort of a write ends it with its reason and leaves no file",
  "number counts the rows of several files in their order",
  "zip has the rows of all inputs side by side, in their order, over several files",
];

describe("the suite", () => {
  it.each(brokenEngines)('finds an engine that $mistake: "$breaks"', async (broken) => {
    expect(await outcomeOf(broken.breaks, broken)).toBe("failed");
  });

  it.each([...new Set(brokenEngines.map(({ breaks }) => breaks))])(
    'finds nothing wrong with an engine that has no mistake: "%s"',
    async (law) => {
      const declared = brokenEngines.find(({ breaks, capabilities }) => breaks === law && capabilities !== undefined);
      expect(await outcomeOf(law, { mistake: "none", breaks: law })).toBe(declared === undefined ? "passed" : "absent");
    },
  );

  it.each(lawsOfFiles)('holds an engine that writes folders to the same laws: "%s"', async (law) => {
    expect(await outcomeOf(law, { ...folders, breaks: law })).toBe("passed");
  });
});

/** What becomes of the test of one law. */
async function outcomeOf(law: string, broken: BrokenEngine): Promise<"passed" | "failed" | "absent"> {
  const tests = new Map<string, () => Promise<void>>();
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => tests.set(name, body),
  };
  describeEngine(runner, "an engine", {
    capabilities: { ...sound.capabilities, ...broken.capabilities },
    open: async () => brokenEngine(broken),
  });
  const test = tests.get(law);
  return test === undefined ? "absent" : test().then(() => "passed", failure);
}

/** Only a failed assertion is a failure that the law found. */
function failure(error: unknown): "failed" {
  if (error instanceof AssertionError || (error instanceof Error && error.cause instanceof AssertionError)) return "failed";
  throw error;
}

/** DuckDB with one mistake. */
function brokenEngine({ plan: change = (plan) => plan, methods = () => ({}), capabilities }: BrokenEngine): Engine {
  const inner = new DuckDBEngine({ threads: 1 });
  const whole: Engine = {
    specVersion: 1,
    name: inner.name,
    version: inner.version,
    capabilities: { ...inner.capabilities, ...capabilities },
    describe: (plan, options) => inner.describe(plan, options),
    run: (plan, options) => inner.run(change(plan), options),
    write: (plan, target, options) => inner.write(change(plan), target, options),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { ...whole, ...methods({ ...whole, capabilities: inner.capabilities }) };
}
