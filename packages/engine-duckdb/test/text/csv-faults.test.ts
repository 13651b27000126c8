import { gzipSync } from "node:zlib";
import type { CsvFormat } from "@mlforge/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

/** What is wrong, the line, what stands there, and what was expected. */
type Fault = readonly [
  what: string,
  content: string | Uint8Array,
  format: Omit<CsvFormat, "kind">,
  place: RegExp,
  found: string,
  expected: RegExp,
];

const faults: readonly Fault[] = [
  ["a comment that nobody declared", "k,n\n#a,1\nb,2\n#\n", {}, /:4 has 1 cell; the header has 2$/, "#", /^2 cells \(k,n\)$/],
  ["a wider line", "k,n\na,1\nk,n,x\nb,2,9\n", {}, /:3 has 3 cells; the header has 2$/, "k,n,x", /^2 cells/],
  ["an empty cell too many", "k,n\na,1,\n", {}, /:2 has 3 cells; the header has 2$/, "a,1,", /^2 cells/],
  ["a line of spaces", "k,n\na,1\n  \n", {}, /:3 has 1 cell; the header has 2$/, "  ", /^2 cells/],
  ["CRLF after LF", "k,n\na,1\r\nb,2\n", {}, /:2 ends with \\r\\n; the lines before it end with \\n$/, "a,1", /^one kind of line end/],
  ["LF after CRLF", "k,n\r\na,1\nb,2\r\n", {}, /:2 ends with \\n; the lines before it end with \\r\\n$/, "a,1", /^one kind of line end/],
  ["CR CR LF", "k,n\r\r\na,1\r\r\n", {}, /:2 ends with \\r\\n; the lines before it end with \\r$/, "", /^one kind of line end/],
  ["a return inside a value", "k,n\na\rb,1\n", {}, /:2 ends with \\r; the lines before it end with \\n$/, "a", /^one kind of line end/],
  ["a quote that is never closed", 'k,n\na,1\n"b,2\nc,3\n', {}, /:3 has a quote that is never closed$/, '"b,2', /^a closing quote/],
  ["text after a quote", 'k,n\n"a"b,1\n', {}, /:2 has text after a closing quote$/, '"a"b,1', /^a delimiter or the end of the line/],
  ["a space after a quote", 'k,n\n"a" ,1\n', {}, /:2 has text after a closing quote$/, '"a" ,1', /^a delimiter/],
  ["spaces before a quote", 'k,n\na,  "b"\n', {}, /:2 has spaces before a quote$/, 'a,  "b"', /^no spaces between/],
  ["an empty first line", "\nk,n\na,1\n", {}, /:1 is empty$/, "", /^a header; skip: 1/],
  ["nothing after skipped lines", "k,n\na,1\n", { skip: 5 }, /:3 is the end of the file$/, "", /^a header/],
  ["only comments", "#a\n#b", { comment: "#" }, /is the end of the file$/, "#b", /^a header/],
  [
    "a byte that is not UTF-8",
    Buffer.from([...latin1("k,n\na,1\nb"), 0xe9, ...latin1(",2\n")]),
    {},
    /:3 has the byte 0xe9, which is not UTF-8$/,
    "b",
    /^UTF-8; for other files say format: \{ encoding: "latin1" \}/,
  ],
  ["the end of a character that is missing", Buffer.from([...latin1("k,n\na,1\nb"), 0xc3]), {}, /:3 has the byte 0xc3/, "b", /^UTF-8/],
  ["gzip that nobody declared", gzipSync("k,n\na,1\n"), {}, /:1 is compressed with gzip, not text$/, "", /^text; for gzip/],
  ["UTF-16 that nobody declared", utf16("\ufeffk,n\na,1\n"), {}, /:1 has the byte 0xff, which is not UTF-8$/, "", /^UTF-8/],
  [
    "a control character of Latin-1",
    latin1("k,n\n\x80,1\n"),
    { encoding: "latin1" },
    /:2 has the byte 0x80, a control character in Latin-1$/,
    "",
    /Windows-1252/,
  ],
  [
    "half of a UTF-16 character",
    utf16("k,n\na,1\n").subarray(0, -1),
    { encoding: "utf-16" },
    /:2 has bytes that are not UTF-16$/,
    "a,1",
    /^UTF-16/,
  ],
  [
    "an escape before nothing it escapes",
    'k,n\n"C:\\new",1\n',
    { escape: "\\" },
    /:2 has the escape character "\\\\" before "n"$/,
    '"C:\\new",1',
    /^"\\"" or "\\\\" after it$/,
  ],
  [
    "an escape outside quotes",
    "k,n\na\\,b,1\n",
    { escape: "\\" },
    /:2 has the escape character "\\\\" outside quotes$/,
    "a\\,b,1",
    /^the value in quotes$/,
  ],
];

describe("a CSV file is refused for", () => {
  it.each(faults)("%s", async (_, content, format, place, found, expected) => {
    const path = await folder.write(content);
    const { code, message, details } = await folder.failure(folder.texts({ kind: "csv", ...format }, path, ["k", "n"]));
    const [problem, foundLine, expectedLine, ...more] = message.split("\n");
    expect([code, more]).toEqual(["SOURCE_UNREADABLE", []]);
    expect(problem).toMatch(/^source "rows": DIR\//);
    expect(problem).toMatch(place);
    expect(foundLine).toBe(`  found:    ${found}`);
    expect(expectedLine?.replace("  expected: ", "")).toMatch(expected);
    expect(details).toMatchObject({ source: "rows", path, line: Number(/:(\d+) /.exec(problem ?? "")?.[1]) });
  });

  it("a header that names a declared column twice, or does not name it", async () => {
    const path = await folder.write("k,n,k\na,1,b\n");
    const twice = await folder.failure(folder.texts({ kind: "csv" }, path, ["k"]));
    expect(twice).toMatchObject({ code: "SCHEMA_MISMATCH", message: expect.stringContaining('has the name "k" 2 times') });
    expect(await folder.texts({ kind: "csv" }, path, ["n"])).toEqual([["1"]]);
    const absent = await folder.failure(folder.texts({ kind: "csv" }, path, ["m"]));
    expect(absent).toMatchObject({ code: "SCHEMA_MISMATCH", message: expect.stringMatching(/no column "m" in .*; did you mean "k"\?/) });
  });

  it("a header with a nameless cell, where no columns are declared", async () => {
    const path = await folder.write(",n\n0,1\n");
    const { code, message } = await folder.failure(folder.engine.describe(folder.scan({ kind: "csv" }, path)));
    expect([code, message]).toEqual(["SCHEMA_MISMATCH", expect.stringContaining("cell 1 of the header of DIR/")]);
    expect(await folder.texts({ kind: "csv" }, path, ["n"])).toEqual([["1"]]);
  });

  it.each([
    ["gzip", gzipSync("k,n\n".padEnd(10_000, "a,1\n")).subarray(0, 30)],
    ["gzip", corrupted(gzipSync("k,n\na,1\n".padEnd(10_000, "b,2\n")))],
    ["gzip", Buffer.from("k,n\na,1\n")],
    ["zstd", Buffer.from("k,n\na,1\n")],
  ] as const)("damaged %s", async (compression, content) => {
    const path = await folder.write(content, "csv.gz");
    const { code, message } = await folder.failure(folder.texts({ kind: "csv", compression }, path, ["k", "n"]));
    expect([code, message.split("\n").length, message]).toEqual([
      "SOURCE_UNREADABLE",
      3,
      expect.stringContaining("cannot be decompressed"),
    ]);
  });

  it("a record of more than 16 MiB, without holding it in memory", async () => {
    const path = await folder.write(`k,n\n"${"x".repeat(17 * 1024 * 1024)}",1\n`);
    const { message } = await folder.failure(folder.texts({ kind: "csv" }, path, ["k", "n"]));
    expect(message).toMatch(/:2 is longer than 16777216 bytes\n/);
    expect(message.length).toBeLessThan(1_000);
  });

  it("what a terminal would obey is escaped", async () => {
    const path = await folder.write("k,n\n\u001b[31m\u202ea\n");
    const { message } = await folder.failure(folder.texts({ kind: "csv" }, path, ["k", "n"]));
    expect(message).toContain("  found:    \\u{1b}[31m\\u{202e}a\n");
  });
});

/** With another checksum. */
function corrupted(gzip: Buffer): Buffer {
  const copy = Buffer.from(gzip);
  copy.writeUInt8((copy.at(-6) ?? 0) ^ 0xff, copy.length - 6);
  return copy;
}
