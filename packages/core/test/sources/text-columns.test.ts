import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { textColumns } from "../../src/index.js";

let folder: string;
let engine: DuckDBEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-text-columns-"));
  engine = new DuckDBEngine({ threads: 1 });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function found(name: string, content: string | Uint8Array): Promise<Readonly<Record<string, unknown>>> {
  const { format, columns, omitted } = await textColumns(await written(name, content), { engine });
  return { format, columns: columns.map(({ name, kind }) => `${name} ${kind}`), omitted: omitted.map((column) => column.name) };
}

const rows = "id,at,amount,ok\n007,2026-01-01 10:00:00+00,1.50,True\n008,2026-01-02 10:00:00.123+02,12.25,False\n";
const kinds = ["id string", "at timestamp", "amount decimal", "ok boolean"];
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");

describe("textColumns", () => {
  it.each([
    ["plain.csv", rows, { kind: "csv" }],
    ["bom.csv", `\ufeff${rows}`, { kind: "csv" }],
    ["semicolons.csv", rows.replaceAll(",", ";"), { kind: "csv", delimiter: ";" }],
    ["crlf.csv", rows.replaceAll(",", "|").replaceAll("\n", "\r\n"), { kind: "csv", delimiter: "|" }],
    ["tabs.csv", rows.replaceAll(",", "\t"), { kind: "csv", delimiter: "\t" }],
    ["tabs.tsv", rows.replaceAll(",", "\t"), { kind: "csv", delimiter: "\t" }],
    ["utf16.csv", utf16(rows.replaceAll(",", "\t")), { kind: "csv", delimiter: "\t", encoding: "utf-16" }],
    ["big-endian.csv", utf16(rows).swap16(), { kind: "csv", encoding: "utf-16" }],
    ["zipped.csv.gz", gzipSync(rows), { kind: "csv", compression: "gzip" }],
  ])("finds the format and the types of %s", async (name, content, format) => {
    expect(await found(name, content)).toEqual({ format, columns: kinds, omitted: [] });
  });

  it("leaves out what has no values, whose type nobody knows", async () => {
    const lines = '{"a":"x","none":null}\n{"a":"y"}\n';
    expect(await found("none.ndjson", lines)).toEqual({ format: { kind: "ndjson" }, columns: ["a string"], omitted: ["none"] });
    expect(await found("none.csv", 'a,none,text\nx,,""\n')).toMatchObject({ columns: ["a string", "text string"], omitted: ["none"] });
  });

  it.each([
    ["empty.csv", "", "is empty (0 bytes)"],
    ["header.csv", "a,b\n", "has no rows"],
    ["headless.csv", "1,2026-01-01,x\n2,2026-01-02,y\n", 'has no header: its first line holds "1", "2026-01-01"'],
    ["postgres.tsv", "x\t\\N\ny\t1\n", "has no header"],
    ["index.csv", ",a\n0,x\n", "to_csv(index=False)"],
    ["quoted.csv", '"",a\n0,x\n', "to_csv(index=False)"],
    ["excel.csv", "sep=;\na;b\n1;2\n", "delete that line"],
    ["both.csv", "a,b;c\n1,2\n", 'has "," and ";" in its first line'],
    ["twice.csv", "a,A\n1,2\n", "twice, or in another case"],
    ["latin.csv", Buffer.from("a,stra\u00dfe\n1,2\n", "latin1"), "which is not UTF-8"],
    ["short.csv", "a,b\n1\n", "has 1 cell; the header has 2"],
    ["zipped.csv.gz", gzipSync("a;b\n1;2\n"), "decompress it"],
    ["array.ndjson", '[{"a":1}]', "expected: one object a line"],
    ["book.xlsx", "PK", "its name must end in .csv"],
  ])("refuses %s", async (name, content, told) => {
    await expect(found(name, content)).rejects.toThrow(told);
  });

  it("refuses a folder and a file that is not there", async () => {
    await expect(textColumns(join(folder, "absent.csv"), { engine })).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    await expect(textColumns(folder, { engine })).rejects.toThrow("is not a CSV or NDJSON file");
  });

  it("declares types that read every value as it was written", async () => {
    const cell = fc.oneof(
      fc.integer().map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.constantFrom("007", "1.50", "true", "2026-01-01", "+5", "1e400", "12345678901234567890", "", "a b", "0.1", "-0"),
      fc.string({ unit: fc.constantFrom("a", "1", ".", "-", "e", " ") }),
    );
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(",", ";", "\t", "|"), async (values, delimiter) => {
        const quoted = (text: string): string => (text === "" ? "" : `"${text}"`);
        const text = [["x", "y", "z"], ...values.map((row) => row.map(quoted))].map((row) => row.join(delimiter)).join("\n");
        const path = await written("random.csv", `${text}\n`);
        const { columns, format, omitted } = await textColumns(path, { engine });
        expect([...columns, ...omitted].map(({ name }) => name).sort()).toEqual(["x", "y", "z"]);
        if (columns.length === 0) return;
        const scan = { op: "scan", source: "random", format, paths: [pathToFileURL(path).href], columns } as const;
        for await (const batch of engine.run(scan)) {
          for (const { name, kind } of columns) {
            const place = ["x", "y", "z"].indexOf(name);
            for (const [index, row] of values.entries()) {
              const source = row[place] ?? "";
              const value: unknown = batch.getChild(name)?.get(index);
              if (source === "") expect(value).toBeNull();
              else if (kind === "string") expect(value).toBe(source);
              else if (kind === "int64") expect(String(value)).toBe(source);
              else if (kind === "float64") expect(value).toBe(Number(source));
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
