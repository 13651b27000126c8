import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { type Expression, type Literal, mapScans, type Plan, type ScalarFunction, type ScalarKind, type Scan } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schemaFrom } from "../../src/define/scan-of.js";
import { Definitions, feature, source, t } from "../../src/index.js";
import { bindSources } from "../../src/sources/bind-sources.js";
import { FileCache } from "../../src/sources/file-cache.js";
import { RemoteFiles } from "../../src/sources/remote-files.js";
import { Remotes } from "../../src/sources/remotes.js";
import { findSourceFiles } from "../../src/sources/source-files.js";

const engine = new DuckDBEngine({ threads: 1 });
let root: string;

const days = ["2024-01-01", "2024-01-02", "2024-02-29"];
const hours = ["-3", "0", "12"];
const regions = ["eu", "ü", "__HIVE_DEFAULT_PARTITION__"];
const timestamps = ["2024-01-01T00%3A00%3A00Z", "2024-01-02 12%3A30"];

const folders = days.flatMap((dt) =>
  hours.flatMap((h) => regions.flatMap((r) => timestamps.map((at) => `dt=${dt}/hour=${h}/region=${r}/at=${at}`))),
);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mlforge-filters-"));
  for (const [index, path] of folders.entries()) {
    await mkdir(join(root, "sound", path), { recursive: true });
    await writeFile(join(root, "sound", path, "a.csv"), `id\n${index}\n`);
  }
  for (const [dt, content] of [
    ["2024-01-01", "id\n1\n"],
    ["2024-01-02", "id\n2\n"],
    ["2024-01-03", "no CSV of\nthese,columns\n"],
  ]) {
    await mkdir(join(root, "broken", `dt=${dt}`), { recursive: true });
    await writeFile(join(root, "broken", `dt=${dt}`, "a.csv"), String(content));
  }
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const partitions = { dt: t.date(), hour: t.int32(), region: t.string(), at: t.timestamp() };
const constants: Readonly<Record<string, Readonly<Partial<Record<ScalarKind, readonly string[]>>>>> = {
  dt: { date: [...days, "2023-12-31", "2024-01-15"] },
  hour: { int32: [...hours, "5"], int64: ["-3", "11"] },
  region: { string: ["eu", "ü", "u", ""] },
  at: { timestamp: ["2024-01-01T00:00:00.000000Z", "2024-01-02T12:30:00.000000Z", "2024-01-01T06:00:00.000000Z"] },
};

function arbitraryComparison(): fc.Arbitrary<Expression> {
  return fc.constantFrom(...Object.keys(constants)).chain((name) => {
    const literals = Object.entries(constants[name] ?? {}).flatMap(([kind, values]) => values.map((value) => ({ kind, value })));
    const operand = fc
      .constantFrom(...literals.map(({ kind, value }) => ({ expr: "literal", kind, value }) as Literal), null)
      .map((each): Literal => each ?? { expr: "literal", kind: literals[0]?.kind as ScalarKind, value: null });
    const column: Expression = { expr: "column", name };
    const call = (name: ScalarFunction, ...operands: readonly Expression[]): Expression => ({
      expr: "call",
      function: name,
      arguments: operands,
    });
    const test = fc.constantFrom<ScalarFunction>("equal", "notEqual", "less", "lessOrEqual", "greater", "greaterOrEqual");
    return fc.oneof(
      fc.tuple(test, operand).map(([each, right]) => call(each, column, right)),
      fc.tuple(test, operand).map(([each, left]) => call(each, left, column)),
      fc
        .array(operand, { minLength: 1, maxLength: 3 })
        .map((values) => call("in", column, ...values.filter(({ kind }) => kind === values[0]?.kind))),
      fc.constantFrom<ScalarFunction>("isNull", "isNotNull").map((each) => call(each, column)),
      // What is not known of: a function of the column, and a column of the files.
      operand.map((right) => call("notEqual", call("coalesce", column, right), right)),
      fc
        .integer({ min: 0, max: 60 })
        .map((value) => call("less", { expr: "column", name: "id" }, { expr: "literal", kind: "int64", value: `${value}` })),
    );
  });
}

const arbitraryCondition = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    arbitraryComparison(),
    fc
      .tuple(fc.constantFrom<ScalarFunction>("and", "or"), tie("any"), tie("any"))
      .map(([name, left, right]): Expression => ({ expr: "call", function: name, arguments: [left, right] })),
    tie("any").map((operand): Expression => ({ expr: "call", function: "not", arguments: [operand] })),
  ),
})).any;

async function idsOf(plan: Plan): Promise<readonly number[]> {
  const ids: number[] = [];
  for await (const batch of engine.run(plan)) for (const row of batch) ids.push(Number(row.id));
  return ids.sort((a, b) => a - b);
}

describe("a filter on columns in the names of folders", () => {
  it("leaves out files, and no row that it lets through", async () => {
    const path = join(root, "sound", "**", "*.csv");
    const place = { remotes: new Remotes([], []), files: new RemoteFiles(new FileCache()), engine };
    const found = await findSourceFiles({ name: "events", paths: [path], partitions }, place);
    const schema = [...schemaFrom({ id: t.int64() }), ...schemaFrom(partitions)];
    const scan: Scan = {
      op: "scan",
      source: "events",
      format: { kind: "csv" },
      paths: [path],
      columns: schema,
      partitions: schemaFrom(partitions),
    };
    const all = { ...scan, paths: found.files.map(({ url }) => url) };
    expect(all.paths).toHaveLength(folders.length);
    let left = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryCondition, arbitraryCondition, fc.boolean(), async (condition, second, isNested) => {
        const filtered = (input: Plan): Plan => {
          const once: Plan = { op: "filter", input, condition };
          if (!isNested) return once;
          const kept: Plan = { op: "project", input: once, columns: schema.map(({ name }) => ({ name, value: { expr: "column", name } })) };
          return { op: "filter", input: { op: "sort", input: kept, by: ["id"] }, condition: second };
        };
        const bound = bindSources(filtered(scan), new Map([["events", found]]));
        mapScans(bound, (each) => {
          if (each.paths.length < folders.length) left += 1;
          return each;
        });
        expect(await idsOf(bound)).toEqual(await idsOf(filtered(all)));
      }),
      { numRuns: 250 },
    );
    expect(left).toBeGreaterThan(50);
  }, 120_000);

  it("keeps the files of other days from being opened", async () => {
    const events = source({
      name: "events",
      path: join(root, "broken", "*", "*.csv"),
      columns: { id: t.int64() },
      partitions: { dt: t.date() },
    });
    const all = feature({ name: "all", source: events, keys: ["id"] });
    const some = feature({
      name: "some",
      source: events,
      keys: ["id"],
      transform: (rows) => rows.filter(({ dt }) => dt.lt(new Date("2024-01-03"))),
    });
    const none = feature({
      name: "none",
      source: events,
      keys: ["id"],
      transform: (rows) => rows.filter(({ dt }) => dt.gt(new Date("2025-01-01"))),
    });
    const defs = new Definitions({ name: "days", features: [all, some, none], offlineStore: memoryStore(), engine });
    const { built, failed } = await defs.build();
    expect(failed.map(({ feature: name }) => name)).toEqual(["all"]);
    expect(built.map(({ feature: name, rows }) => [name, rows])).toEqual([
      ["some", 2],
      ["none", 0],
    ]);
  });
});
