import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NamedColumn, Plan } from "@mlforge/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../testkit/src/engine/arrow-rows.js";
import { nullable, table } from "../../../testkit/src/engine/plans.js";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

describe("a column that is declared without nulls", () => {
  const column = (kind: "string" | "int64"): readonly [NamedColumn] => [{ name: "n", kind, nullable: false }];

  it.each<readonly ["csv" | "ndjson", "string" | "int64", string]>([
    ["csv", "int64", "k,n\na,1\nb,\n"],
    ["csv", "int64", 'k,n\na,1\nb,""\n'],
    ["csv", "string", "k,n\na,1\nb,\n"],
    ["ndjson", "int64", '{"n":1}\n{"n":null}\n'],
    ["ndjson", "string", '{"n":"x"}\n{}\n'],
  ])("of %s fails for a null of %s, with its line", async (kind, type, content) => {
    const path = await folder.write(content, kind);
    const { code, message } = await folder.failure(rowsOf(folder.engine, folder.scan({ kind }, path, column(type))));
    const line = kind === "csv" ? 3 : 2;
    expect([code, message]).toEqual([
      "SCHEMA_MISMATCH",
      expect.stringMatching(
        `:${line} column "n" is not an? ${type}\n {2}found: {4}null\n {2}expected: a value: the column is declared with nullable: false$`,
      ),
    ]);
  });

  it("of Parquet fails for a null, and is read without a check if the files are trusted", async () => {
    const path = join(folder.path, "nulls.parquet");
    const rows = table([nullable("n", "int64")], [["1"], [null]]);
    await folder.engine.write(rows, { url: pathToFileURL(path).href, format: "parquet" });
    const scan = folder.scan({ kind: "parquet" }, path, column("int64"));
    const { code, message } = await folder.failure(rowsOf(folder.engine, scan));
    expect([code, message]).toEqual([
      "SCHEMA_MISMATCH",
      expect.stringContaining('nulls.parquet row 2: column "n" is not an int64\n  found:    null\n'),
    ]);
    expect(await rowsOf(folder.engine, { ...scan, trusted: true } as Plan)).toEqual([[1n], [null]]);
  });

  it("may hold the empty text", async () => {
    const path = await folder.write('k,n\na,""\n');
    expect(await rowsOf(folder.engine, folder.scan({ kind: "csv" }, path, column("string")))).toEqual([[""]]);
  });
});
