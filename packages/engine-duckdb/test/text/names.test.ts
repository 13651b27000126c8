import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { SourceFormat } from "@mlforge/spec";
import { describeWith, runPython } from "@mlforge/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../testkit/src/engine/arrow-rows.js";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

const csv: SourceFormat = { kind: "csv" };
const ndjson: SourceFormat = { kind: "ndjson" };

describe("names of columns that are found", () => {
  it.each<readonly [string, SourceFormat, string, RegExp]>([
    ["NUL in a header", csv, "k,a\0b\n1,2\n", /the name "a\\u0000b" in the header of .* has a NUL character; rename them in the file/],
    ["no name in a header", csv, "k,\n1,2\n", /cell 2 of the header of .* has no name/],
    ["names that differ in case", csv, "k,K\n1,2\n", /has the name "K" twice, or in another case/],
    ["NUL in a key", ndjson, '{"a\\u0000b":1}\n', /the key "a\\u0000b" has a NUL character/],
    ["an empty key", ndjson, '{"":1}\n', /a key is empty, and a column needs a name/],
    ["keys that differ in case", ndjson, '{"v":1}\n{"V":1}\n', /the keys "v" and "V" differ in case only/],
    ["no key at all", ndjson, "{}\n{}\n", /has no columns: no object in .* has a key; write the file again/],
    ["nothing but a byte order mark", ndjson, "\ufeff", /no object in .* has a key/],
  ])("are refused: %s", async (_, format, content, message) => {
    const path = await folder.write(content, format.kind);
    const { code, message: said } = await folder.failure(folder.engine.describe(folder.scan(format, path)));
    expect({ code, said }).toEqual({ code: "SCHEMA_MISMATCH", said: expect.stringMatching(message) });
  });

  it("are not found in a header that is only a byte order mark", async () => {
    const path = await folder.write("\ufeff");
    const { code, message } = await folder.failure(folder.engine.describe(folder.scan(csv, path)));
    expect({ code, message }).toEqual({ code: "SOURCE_UNREADABLE", message: expect.stringMatching(/:1 is the end of the file/) });
  });

  it("are kept as they are, whatever is in them", async () => {
    const names = ["n".repeat(300), "😀", "a\u001b[31mred", "b\u202ec", 'q"', "x y", "a\nb", "__proto__"];
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
    const path = await folder.write(`${quoted}\n${names.map((_, index) => index).join(",")}\n`);
    const { columns } = await folder.engine.describe(folder.scan(csv, path));
    expect(columns.map(({ name }) => name)).toEqual(names);
    expect(await rowsOf(folder.engine, folder.scan(csv, path))).toEqual([names.map((_, index) => BigInt(index))]);
  });

  it("may be a thousand in a file of a row", { timeout: 20_000 }, async () => {
    const places = Array.from({ length: 1_000 }, (_, index) => index);
    const path = await folder.write(`${places.map((place) => `c${place}`).join(",")}\n${places.join(",")}\n`);
    const { columns } = await folder.engine.describe(folder.scan(csv, path));
    expect(new Set(columns.map(({ kind }) => kind))).toEqual(new Set(["int64"]));
  });
});

const parquetFile = `
import json, sys, pyarrow as pa, pyarrow.parquet as pq
names = json.loads(sys.argv[2])
pq.write_table(pa.Table.from_arrays([pa.array([i]) for i in range(len(names))], names=names), sys.argv[1])
`;

describeWith("tables", "names of columns in a Parquet file", () => {
  const write = (names: readonly string[]): string => {
    const path = join(folder.path, "names.parquet");
    runPython(parquetFile, [path, JSON.stringify(names)]);
    return path;
  };

  it.each<readonly [string, readonly string[], RegExp]>([
    ["no name", ["k", ""], /: column 2 of .*names\.parquet has no name; /],
    ["a NUL character", ["k", "a\0b"], /: the column "a\\u0000b" of .*names\.parquet has a NUL character in its name; /],
    [
      "names that differ in case, once",
      ["v", "V"],
      /: [^;]*names\.parquet has the columns "v" and "V", .*; rename one of them; declare the col/,
    ],
  ])("are refused: %s", async (_, names, message) => {
    const { code, message: said } = await folder.failure(folder.engine.describe(folder.scan({ kind: "parquet" }, write(names))));
    expect({ code, said }).toEqual({ code: "SCHEMA_MISMATCH", said: expect.stringMatching(message) });
  });

  it("are kept as they are, whatever is in them", async () => {
    const names = ["n".repeat(300), "\u{1f600}", "a\u001b[31mred", "b\u202ec", "c\u009bd", 'q"', "x y", "a\nb", "__proto__"];
    expect(await rowsOf(folder.engine, folder.scan({ kind: "parquet" }, write(names)))).toEqual([names.map((_, index) => BigInt(index))]);
  });
});

describe("a file of another format", () => {
  it.each<readonly [string, Uint8Array, RegExp]>([
    ["gzip", gzipSync("k\n1\n"), /is compressed with gzip, not text/],
    ["zstd", Buffer.from("28b52ffd04", "hex"), /is compressed with zstd, not text/],
    ["Parquet", Buffer.from("PAR1...PAR1"), /is a Parquet file, not text/],
    ["Excel", Buffer.from("504b030414", "hex"), /is a zip archive, as .xlsx files are, not text/],
  ])("is told by its first bytes: %s", async (_, content, message) => {
    for (const format of [csv, ndjson]) {
      const path = await folder.write(content, format.kind);
      const { code, message: said } = await folder.failure(rowsOf(folder.engine, folder.scan(format, path)));
      expect({ code, said }).toEqual({ code: "SOURCE_UNREADABLE", said: expect.stringMatching(message) });
    }
  });
});
