import { gzipSync } from "node:zlib";
import { isMlforgeError, type NamedColumn, type SourceFormat } from "@mlforge/spec";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../arrow-rows.js";
import { nullable } from "../plans.js";
import { TextFolder } from "./text-scan.js";

/** How many files of each kind; thousands in a long run: `MLFORGE_HOSTILE_FILES=1000 npx vitest run hostile-files`. */
const runs = Number(process.env.MLFORGE_HOSTILE_FILES ?? 120);

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

const csv = Buffer.from(`k,n,x,at\n${Array.from({ length: 40 }, (_, i) => `"u ${i}",${i},${i / 7},2024-01-01T00:00:00Z\n`).join("")}`);
const ndjson = Buffer.from(
  Array.from(
    { length: 40 },
    (_, i) => `${JSON.stringify({ k: `u${i}`, n: i, x: i / 7, at: "2024-01-01T00:00:00Z", o: { a: [1, { b: i }] } })}\n`,
  ).join(""),
);
const columns: readonly NamedColumn[] = [
  nullable("k", "string"),
  nullable("n", "int64"),
  nullable("x", "float64"),
  nullable("at", "timestamp"),
];

/** A change of bytes, at a fraction of the length. */
const change = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 1 }),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), bytes: fc.constant(new Uint8Array(0)) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.oneof(
      fc.constantFrom(..."\"'{}[],:\\\n\r\0eE+-.0").map((character) => Buffer.from(character)),
      fc.constantFrom(0xff, 0xc3, 0x80).map((byte) => Uint8Array.of(byte)),
      fc.tuple(fc.constantFrom("9", "[", '"'), fc.nat(400)).map(([character, length]) => Buffer.from(character.repeat(length))),
    ),
  }),
);

function changed(file: Buffer, changes: readonly (typeof change extends fc.Arbitrary<infer C> ? C : never)[]): Buffer {
  return changes.reduce<Buffer>((bytes, { kind, at, bytes: given }) => {
    const index = Math.floor(at * bytes.length);
    const after = kind === "insert" ? index : kind === "set" ? index + 1 : bytes.length;
    return Buffer.concat([bytes.subarray(0, index), given, bytes.subarray(after)]);
  }, file);
}

describe("a damaged text file", () => {
  it.each<readonly [string, SourceFormat, Buffer]>([
    ["csv", { kind: "csv" }, csv],
    ["ndjson", { kind: "ndjson" }, ndjson],
    ["csv.gz", { kind: "csv", compression: "gzip" }, gzipSync(csv)],
    ["ndjson.gz", { kind: "ndjson", compression: "gzip" }, gzipSync(ndjson)],
  ])("of %s ends in rows or in an error that says what is wrong", async (ending, format, seed) => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), async (changes, isDeclared) => {
        const path = await folder.write(changed(seed, changes), ending);
        await rowsOf(folder.engine, folder.scan(format, path, isDeclared ? columns : undefined)).catch((error: unknown) => {
          if (!isMlforgeError(error, "SOURCE_UNREADABLE", "SCHEMA_MISMATCH", "TIMESTAMP_AMBIGUOUS")) throw error;
          expect(error.message).not.toMatch(/Possible fixes|strict_mode|auto_detect|ignore_errors/);
        });
      }),
      { numRuns: runs },
    );
  });
});
