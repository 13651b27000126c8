import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, Definitions, type DiffProgress, feature, notNull, source, sql, t } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
let root: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mlforge-diff-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => {
  folder = join(root, `${count++}`);
});

const csv = (): string => join(root, `${count}.csv`);

async function write(lines: string): Promise<void> {
  await writeFile(csv(), `k,value\n${lines}`);
}

interface Options {
  readonly query?: string;
  readonly volatile?: boolean;
  readonly key?: "k" | "value";
  readonly described?: string;
}

function made({ query = "SELECT k, value FROM source", volatile, key = "k", described }: Options = {}): AnyFeature {
  return feature({
    name: "f",
    source: source({ path: csv(), columns: { k: t.string(), value: t.int64() } }),
    keys: [key],
    transform: sql({ query, columns: { k: t.string(), value: t.int64() }, volatile }),
    ...(described === undefined ? {} : { description: described, tags: ["new"], validators: [notNull("value")] }),
  });
}

function project(...features: readonly AnyFeature[]): Definitions {
  return new Definitions({ name: "diff", features, offlineStore: new LocalStore(folder), engine });
}

/** Versions 1.0.0, 1.0.1 and 1.1.0. */
async function threeVersions(): Promise<Definitions> {
  await write("a,1\nb,2\nc,3\n");
  await project(made()).build();
  await write("a,1\nb,5\nd,4\n");
  await project(made()).build();
  const last = project(made({ query: "SELECT k, value + 1 AS value FROM source" }));
  await last.build();
  return last;
}

describe("the versions of a diff", () => {
  it("are the latest and the next lower one unless told", async () => {
    const defs = await threeVersions();
    const pair = async (options: { from?: string; to?: string }): Promise<readonly unknown[]> => {
      const { from, to, change } = await defs.versions.diff("f", { ...options, data: false });
      return [from, to, change];
    };
    expect(await pair({})).toEqual(["1.0.1", "1.1.0", "minor"]);
    expect(await pair({ from: "1.0.0" })).toEqual(["1.0.0", "1.1.0", "minor"]);
    expect(await pair({ to: "1.0.1" })).toEqual(["1.0.0", "1.0.1", "patch"]);
    expect(await pair({ from: "~1.0", to: "^1.1" })).toEqual(["1.0.1", "1.1.0", "minor"]);
    expect(await pair({ from: "latest", to: "1.0.0" })).toEqual(["1.1.0", "1.0.0", "minor"]);
    expect(await pair({ from: "1.0.1", to: "1.0.1" })).toEqual(["1.0.1", "1.0.1", "same"]);
  });

  it("must be there", async () => {
    await write("a,1\n");
    const defs = project(made());
    await expect(defs.versions.diff("f")).rejects.toMatchObject({
      code: "VERSION_NOT_FOUND",
      message: expect.stringContaining("never built"),
    });
    await defs.build();
    await expect(defs.versions.diff("f")).rejects.toMatchObject({
      code: "VERSION_NOT_FOUND",
      message: 'feature "f" has no version before 1.0.0 to compare with; pass two versions',
    });
    await expect(defs.versions.diff("f", { from: "7.0.0" })).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
    await expect(defs.versions.diff("f", { from: "x" })).rejects.toMatchObject({ code: "VERSION_INVALID" });
  });
});

describe("a diff", () => {
  it("tells of rows, sizes, logic and source", async () => {
    const defs = await threeVersions();
    const metadata = await Promise.all(["1.0.1", "1.1.0"].map((version) => defs.versions.inspect("f", { version })));
    const { differences, source: read, rows, bytes, why } = await defs.versions.diff("f", { data: false });
    expect(differences.logic?.filter(({ kind }) => kind !== "same")).toEqual([
      { kind: "removed", text: "  SELECT k, value FROM source" },
      { kind: "added", text: "  SELECT k, value + 1 AS value FROM source" },
    ]);
    expect([read.changed, why]).toEqual([false, "the definition changed, but its columns did not"]);
    expect(rows).toEqual({ from: 3, to: 3 });
    expect(bytes).toEqual({ from: metadata[0]?.files[0]?.size, to: metadata[1]?.files[0]?.size });
    expect((await defs.versions.diff("f", { from: "1.0.0", data: false })).source.changed).toBe(true);
  });

  it("counts rows by their keys, and tells how far it is", async () => {
    const told: DiffProgress[] = [];
    const { data } = await (await threeVersions()).versions.diff("f", {
      from: "1.0.0",
      to: "1.0.1",
      onProgress: (progress) => told.push(progress),
    });
    expect(data).toMatchObject({ kind: "compared", rows: { onlyFrom: 1, onlyTo: 1, changed: 1, unchanged: 1 }, unmatched: undefined });
    expect(told.map(({ step, column }) => column ?? step)).toEqual(["rows", "k", "value"]);
    expect(told.every(({ fraction }, index) => fraction === index / 3)).toBe(true);
  });

  it("is a patch where only what describes the version differs, and where files differ for no reason", async () => {
    await write("a,1\n");
    await project(made()).build();
    const defs = project(made({ described: "New" }));
    await defs.build({ force: true });
    const described = await defs.versions.diff("f");
    expect(described).toMatchObject({
      change: "patch",
      why: "only tags, the description, or validators differ",
      data: { kind: "identical" },
    });
    expect(described.differences).toMatchObject({
      tags: { from: [], to: ["new"] },
      description: { from: undefined, to: "New" },
      validators: { added: ["notNull(value)"], removed: [], changed: [] },
    });
    const query = "SELECT k, CAST(epoch_us(get_current_timestamp()) AS BIGINT) AS value FROM source";
    const unsteady = project(made({ query, volatile: true }));
    await unsteady.build();
    await unsteady.build({ force: true });
    expect(await unsteady.versions.diff("f")).toMatchObject({
      change: "patch",
      why: "the files differ, but the definition and the source data are the same",
      data: { kind: "compared", rows: { changed: 1 } },
    });
  });

  it("compares columns but not rows where the keys are others", async () => {
    await write("a,2\nb,1\n");
    await project(made()).build();
    const defs = project(made({ key: "value" }));
    await defs.build();
    const { change, data, differences } = await defs.versions.diff("f");
    expect(change).toBe("major");
    expect(differences.keys).toEqual({ from: ["k"], to: ["value"] });
    if (data?.kind !== "compared") throw new Error("the data is there");
    expect([data.rows, data.unmatched]).toEqual([undefined, "the keys differ"]);
    expect(data.columns.map(({ name, changed, drift }) => [name, changed, drift])).toEqual([
      ["k", undefined, 0],
      ["value", undefined, 0],
    ]);
  });

  it("compares numbers of other types, and columns that become something else each by itself", async () => {
    const typed = (value: ReturnType<typeof t.int64 | typeof t.float64 | typeof t.string>, cast: string): AnyFeature =>
      feature({
        name: "f",
        source: source({ path: csv(), columns: { k: t.string(), value: t.int64() } }),
        keys: ["k"],
        transform: sql({ query: `SELECT k, CAST(value AS ${cast}) AS value FROM source`, columns: { k: t.string(), value } }),
      });
    await write("a,1\nb,2\nc,\n");
    for (const each of [typed(t.int64(), "BIGINT"), typed(t.float64(), "DOUBLE"), typed(t.string(), "VARCHAR")])
      await project(each).build();
    const defs = project(typed(t.string(), "VARCHAR"));
    const numbers = (await defs.versions.diff("f", { from: "1.0.0", to: "2.0.0" })).data;
    const others = (await defs.versions.diff("f", { from: "2.0.0", to: "3.0.0" })).data;
    if (numbers?.kind !== "compared" || others?.kind !== "compared") throw new Error("the data is there");
    expect(numbers.columns[1]).toMatchObject({ changed: { rows: 0, share: 0 }, drift: 0, from: { min: 1n }, to: { min: 1 } });
    expect(others.rows).toEqual({ onlyFrom: 0, onlyTo: 0, changed: 0, rounded: 0, unchanged: 3 });
    expect(others.columns[1]).toMatchObject({
      changed: undefined,
      drift: undefined,
      from: { nulls: 1 },
      to: { min: "1", numbers: undefined },
    });
  });

  it("comes without data where that is missing, where there is no engine, and fails where it is damaged", async () => {
    const defs = await threeVersions();
    const withoutEngine = new Definitions({
      name: "x",
      features: [made()],
      offlineStore: new LocalStore(folder),
      format: new ParquetFormat(),
    });
    expect((await withoutEngine.versions.diff("f")).data).toEqual({
      kind: "unavailable",
      reason: "comparing data needs an engine, but Definitions has none",
    });
    await writeFile(join(folder, "f/1.1.0/data.parquet"), "damaged");
    await expect(defs.versions.diff("f")).rejects.toMatchObject({ code: "DATA_CORRUPT" });
    await rm(join(folder, "f/1.1.0/data.parquet"));
    expect(await defs.versions.diff("f")).toMatchObject({
      change: "minor",
      data: {
        kind: "unavailable",
        reason: "the data of 1.1.0 is missing here, as in a Git clone; mlforge sync rebuilds the data of latest versions",
      },
    });
  });

  it("rejects with the reason of an abort, also in the middle", async () => {
    const defs = await threeVersions();
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = ({ step }: DiffProgress): void => {
      if (step === "columns") controller.abort(reason);
    };
    await expect(defs.versions.diff("f", { signal: controller.signal, onProgress })).rejects.toBe(reason);
  });
});
