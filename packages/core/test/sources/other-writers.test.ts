import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { isMlforgeError, type NamedColumn, type Scan } from "@mlforge/spec";
import { describeWith, runPython } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RowValue, rowsOf } from "../../src/read/rows.js";

/** A file, and what pyarrow reads from it. */
interface Written {
  readonly path: string;
  readonly writer: string;
  readonly options: unknown;
  readonly rows: number;
  readonly columns: Readonly<Record<string, { readonly type: string; readonly values: readonly (string | null)[] }>>;
}

const filesInRun = 30;

describeWith("tables", "Parquet files of pyarrow, pandas, polars and fastparquet", () => {
  let folder = "";
  let program = "";
  const engine = new DuckDBEngine({ threads: 2 });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-writers-"));
    program = await readFile(new URL("write-random-files.py", import.meta.url), "utf8");
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it("hold what pyarrow reads from them, or are refused with a reason", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const files: readonly Written[] = JSON.parse(runPython(program, [folder, String(seed), String(filesInRun)]));
        expect(files.length).toBe(filesInRun);
        for (const file of files) await expectSame(file);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  }, 120_000);

  async function expectSame({ path, writer, options, rows, columns }: Written): Promise<void> {
    const what = `${writer} ${JSON.stringify(options)} ${JSON.stringify(Object.values(columns).map(({ type }) => type))}`;
    const scan: Scan = { op: "scan", source: "s", format: { kind: "parquet" }, paths: [pathToFileURL(path).href] };
    const { columns: found, unsupported } = await engine.describe(scan);
    expect([what, unsupported, found.map(({ name }) => name)]).toEqual([what, [], Object.keys(columns)]);
    // In one scan of all columns, and in one of each, which alone is told which value was refused.
    for (const names of [found.map(({ name }) => name), ...found.map(({ name }) => [name])]) {
      const read: Record<string, RowValue>[] = [];
      const chosen = found.filter(({ name }) => names.includes(name));
      const finer = names.filter((name) => columns[name]?.values.some((value) => value?.endsWith("ns")));
      try {
        for await (const batch of engine.run({ ...scan, columns: chosen }))
          read.push(...rowsOf(batch, chosen, { int64: "bigint", timestamp: "microseconds" }));
      } catch (error) {
        if (!isMlforgeError(error, "SCHEMA_MISMATCH") || finer.length === 0) throw new Error(what, { cause: error });
        expect(error.message).toContain("expected: whole microseconds");
        continue;
      }
      expect([what, read.length]).toEqual([what, rows]);
      for (const column of chosen) {
        const values = read.map((row) => exactText(row[column.name] ?? null, column));
        const expected = columns[column.name]?.values.map((value) =>
          column.kind === "bytes" || value === null ? value : normal(value, column),
        );
        expect([what, column.name, values]).toEqual([what, column.name, expected]);
      }
    }
  }

  function exactText(value: RowValue, column: NamedColumn): string | null {
    if (value === null) return null;
    if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
    if (value instanceof Date) return String(value.getTime() / 86_400_000);
    if (typeof value === "number" && column.kind.startsWith("float")) return floatText(value);
    return typeof value === "boolean" ? (value ? "True" : "False") : String(value);
  }

  /** What pyarrow gave, with floats as JavaScript writes them. */
  function normal(value: string, { kind }: NamedColumn): string {
    return kind === "float32" || kind === "float64" ? floatText(Number(value.replace("inf", "Infinity"))) : value;
  }

  function floatText(value: number): string {
    return Object.is(value, -0) ? "-0" : String(value);
  }
});
