import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describeWith, runPython } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../testkit/src/engine/arrow-rows.js";
import { nullable } from "../../../testkit/src/engine/plans.js";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

const ndjson = { kind: "ndjson" } as const;

/** The values of every line as Python's json has them, numbers as their text, and arrays and objects as `nested`. */
const program = `
import json, os, sys
class Number(str): pass
def text(value):
    if value is None or isinstance(value, str): return value if value is None else str(value)
    return str(value).lower() if isinstance(value, bool) else "nested"
found = {}
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), encoding="utf-8-sig", newline="\\n") as file:
        lines = [json.loads(line, parse_float=Number, parse_int=Number) for line in file if line.strip()]
        found[name] = [[text(line.get("k")), text(line.get("v"))] for line in lines]
print(json.dumps(found))
`;

const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }).map(String),
  fc.tuple(fc.integer(), fc.stringMatching(/^[0-9]{1,22}$/)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.constantFrom("-0", "-0.0", "1.10", "1E5", "1e-7", "0.00001", "100000.0", "9007199254740993", "1e400"),
);
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    numbers,
    fc
      .string({ unit: fc.constantFrom("a", "1", ".", '"', "\\", "{", "[", "\n", "\u00e9", "\u{1f600}", "\0") })
      .map((text) => JSON.stringify(text)),
    fc.constantFrom("null", "true", "false", "[]", "{}"),
    fc.array(tie("json"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.dictionary(fc.constantFrom("a", "b"), tie("json"), { maxKeys: 2 }).map(
      (fields) =>
        `{${Object.entries(fields)
          .map(([key, value]) => `"${key}": ${value}`)
          .join(",")}}`,
    ),
  ),
}));

const lines = fc.array(
  fc.tuple(json, json, fc.constantFrom("\n", "\r\n", "\n\n", "\n \t\n"), fc.boolean()).map(([k, v, end, isSwapped]) => {
    const fields = [`"k":${k}`, `"v" : ${v}`];
    return ` {${(isSwapped ? fields.reverse() : fields).join(" , ")}}${end}`;
  }),
  { minLength: 1, maxLength: 4 },
);

describeWith("tables", "an NDJSON file of any values", () => {
  it("gives the texts that stand there, as Python's json reads them", async () => {
    const files = fc
      .sample(fc.tuple(lines, fc.boolean()), 400)
      .map(([parts, isMarked], index) => ({ name: `${index}.ndjson`, text: (isMarked ? "\ufeff" : "") + parts.join("") }));
    for (const { name, text } of files) await writeFile(join(folder.path, name), text);
    const python: Readonly<Record<string, readonly (readonly (string | null)[])[]>> = JSON.parse(runPython(program, [folder.path]));
    for (const { name, text } of files) {
      const rows = await folder.texts(ndjson, join(folder.path, name), ["k", "v"]);
      const shown = rows.map((row, at) =>
        row.map((value, cell) => (python[name]?.[at]?.[cell] === "nested" && value !== null ? "nested" : value)),
      );
      expect([text, shown]).toEqual([text, python[name]]);
    }
  });
});

describe("an NDJSON file", () => {
  it("gives decimals every digit, and refuses those that do not fit", async () => {
    const path = await folder.write('{"k":"a","d":0.1234567890123456789}\n{"k":"b","d":-12e-19}\n{"k":"c","d":"0.5"}\n', "ndjson");
    const columns = [nullable("d", "decimal", { precision: 20, scale: 19 })];
    await expect(rowsOf(folder.engine, folder.scan(ndjson, path, columns))).rejects.toMatchObject({
      message: expect.stringMatching(/:2 column "d" is not a decimal\n {2}found: {4}"-12e-19"\n/),
    });
    const exact = await folder.write('{"d":0.1234567890123456789}\n{"d":"0.5"}\n{"d":null}\n{}\n', "ndjson");
    expect(await rowsOf(folder.engine, folder.scan(ndjson, exact, columns))).toEqual([
      [1234567890123456789n],
      [5n * 10n ** 18n],
      [null],
      [null],
    ]);
  });

  it("gives nested values as they stand, digit for digit, where a column is text", async () => {
    const path = await folder.write('{"k":{"x": 1.10, "y":[0.1234567890123456789]}}\n{"k":[1,2]}\n', "ndjson");
    expect(await folder.texts(ndjson, path, ["k"])).toEqual([['{"x": 1.10, "y":[0.1234567890123456789]}'], ["[1,2]"]]);
  });

  it("does not round an integer that is written as a float", async () => {
    const path = await folder.write('{"n":9007199254740993.0}\n', "ndjson");
    expect(await rowsOf(folder.engine, folder.scan(ndjson, path, [nullable("n", "int64")]))).toEqual([[9007199254740993n]]);
  });

  it.each<readonly [what: string, content: string | Uint8Array, problem: RegExp]>([
    ["a line that is an array", '{"k":1}\n[1,2]\n', /:2 begins with "\[1,2\]"\n {2}found: {4}\[1,2\]\n {2}expected: one object a line/],
    ["a line that is null", "null\n", /:1 begins with "null"/],
    ["a line of 100,000 levels", `{"k":1}\n{"k":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n`, /:2 nests more than 500 deep/],
    ["a key that is there twice", '{"k":1,"k":2}\n', /:1 has the key "k" twice/],
    ["a key that is there twice, written in two ways", '{"k":1,"\\u006b":2}\n', /:1 has the key "k" twice/],
    ["two objects on a line", '{"k":1} {"k":2}\n', /:1 has "\{\\"k\\":2\}" after its object/],
    ["an object over several lines", '{"k":\n1}\n', /:1 ends inside its object/],
    ["a string that is never closed", '{"k":"a\n{"k":"b"}\n', /:1 has a string that is never closed/],
    ["words that are no JSON", '{"k":1}\n{"k":nul}\n', /:2 has "nul\}" where its object goes on\n.*\n {2}expected: a JSON value$/],
    ["a number with a leading zero", '{"k":007}\n', /:1 has "007\}" where its object goes on/],
    ["a missing value", '{"k":}\n', /:1 has "\}" where its object goes on/],
    ["half of a surrogate pair", '{"k":"\\ud800"}\n', /:1 has an escape of half a character/],
    ["bytes that are not UTF-8", Buffer.from([...Buffer.from('{"k":"'), 0xff, 0x22, 0x7d]), /:1 has the byte 0xff, which is not UTF-8/],
    ["a control character in a string", '{"k":"a\tb"}\n', /:1 is not valid JSON/],
  ])("is refused for %s", async (_, content, problem) => {
    const path = await folder.write(content, "ndjson");
    const { code, message } = await folder.failure(folder.texts(ndjson, path, ["k"]));
    expect([code, message.split("\n").length, message]).toEqual(["SOURCE_UNREADABLE", 3, expect.stringMatching(problem)]);
  });

  it("may be compressed and in UTF-16", async () => {
    const text = '\ufeff{"k":"\u00e9"}\n';
    const path = await folder.write(gzipSync(Buffer.from(text, "utf16le")), "ndjson.gz");
    expect(await folder.texts({ kind: "ndjson", encoding: "utf-16", compression: "gzip" }, path, ["k"])).toEqual([["\u00e9"]]);
  });

  it("without declared columns is what all of its values are", async () => {
    const path = await folder.write(
      `${'{"i":1,"f":1,"b":true,"d":"2024-01-31","s":"x","big":1,"dec":1,"none":null,"mixed":1}\n'.repeat(3_000)}{"i":-9223372036854775808,"f":0.25,"b":null,"d":"2024-02-01","s":"1","big":12345678901234567890,"dec":0.1234567890123456789,"mixed":"1","late":7}\n`,
      "ndjson",
    );
    const { columns } = await folder.engine.describe(folder.scan(ndjson, path));
    expect(columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "i int64",
      "f float64",
      "b boolean",
      "d date",
      "s string",
      "big string",
      "dec string",
      "none string",
      "mixed string",
      "late int64",
    ]);
    const rows = await rowsOf(folder.engine, folder.scan(ndjson, path));
    expect(rows.length).toBe(3_001);
    expect(rows.at(-1)).toEqual([-(2n ** 63n), 0.25, null, 19_754, "1", "12345678901234567890", "0.1234567890123456789", null, "1", 7n]);
  });
});
