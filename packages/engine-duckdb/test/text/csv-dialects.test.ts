import { gzipSync } from "node:zlib";
import type { CsvFormat } from "@mlforge/spec";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

type Options = Omit<CsvFormat, "kind" | "decimal" | "nullText">;

type Dialect = { readonly [A in keyof Options]-?: NonNullable<Options[A]> } & {
  readonly nullText: readonly string[];
  readonly lineEnd: string;
};

const dialects: fc.Arbitrary<Dialect> = fc
  .record({
    delimiter: fc.constantFrom(",", ";", "\t", "|", " ", "\u0001"),
    quote: fc.constantFrom('"', "'", ""),
    isEscaped: fc.boolean(),
    header: fc.boolean(),
    nullText: fc.subarray(["NA", "null", "\\N", "-"]),
    skip: fc.nat(3),
    comment: fc.constantFrom("#", "%", "!"),
    encoding: fc.constantFrom("utf-8" as const, "latin1" as const, "utf-16" as const),
    compression: fc.constantFrom("none" as const, "gzip" as const),
    lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  })
  .map(({ isEscaped, ...dialect }) => {
    const before = isEscaped && dialect.quote !== "" ? "\\" : dialect.quote;
    return { ...dialect, escape: before, nullText: dialect.nullText.filter((text) => before === "" || !text.includes(before)) };
  });

/** Text of everything that a dialect could take for something else. */
const values = fc.option(
  fc.oneof(
    fc.constantFrom("", " ", "NA", "null", "\\N", "-", "#", "%x", "007", "1e5", "12345678901234567890", " pad ", "\u00e9", "\u00a0"),
    fc.string({ unit: fc.constantFrom("a", ",", ";", "|", '"', "'", "\\", "#", "\n", "\r", "\t", " ", "\u00e9", "\u0001"), maxLength: 6 }),
    fc.string({ unit: "binary", maxLength: 5 }),
  ),
);

const cases = dialects.chain((dialect) =>
  fc.integer({ min: 1, max: 4 }).chain((width) =>
    fc.record({
      dialect: fc.constant(dialect),
      rows: fc.array(fc.array(values, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      comments: fc.array(fc.nat(6), { maxLength: 2 }),
      skipped: fc.array(fc.string({ unit: fc.constantFrom("a", '"', ",", " "), maxLength: 5 }), { minLength: 3, maxLength: 3 }),
      isFinished: fc.boolean(),
    }),
  ),
);

/** The text of a cell; undefined if the dialect has no way to write it. */
function cell(
  value: string | null,
  { delimiter, quote, escape: before, nullText, lineEnd: _, comment, encoding }: Dialect,
  isFirst: boolean,
): string | undefined {
  if (value === null) return nullText[0] ?? "";
  if (encoding === "latin1" && !isLatin1(value)) return undefined;
  const isSpecial =
    ["", ...nullText].includes(value) ||
    [delimiter, quote, before, "\n", "\r"].some((each) => each !== "" && value.includes(each)) ||
    value.startsWith(" ") ||
    (isFirst && value.startsWith(comment));
  if (!isSpecial) return value;
  if (quote === "") {
    const isPlain = value !== "" && !nullText.includes(value) && !/[\n\r]/.test(value) && !value.includes(delimiter);
    return isPlain && !(isFirst && value.startsWith(comment)) ? value : undefined;
  }
  const inside = [...value]
    .map((character) => (character === quote || character === before ? `${before}${character}` : character))
    .join("");
  return `${quote}${inside}${quote}`;
}

/** Its control characters beyond ASCII are refused. */
function isLatin1(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x80 || (code >= 0xa0 && code <= 0xff);
  });
}

function encoded(text: string, { encoding, compression }: Dialect): Buffer {
  const bytes =
    encoding === "utf-16" ? Buffer.from(`\ufeff${text}`, "utf16le") : Buffer.from(text, encoding === "latin1" ? "latin1" : "utf8");
  return compression === "gzip" ? gzipSync(bytes) : bytes;
}

describe("a CSV file in any dialect", () => {
  it("gives every record of it, value for value", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ dialect, rows, comments, skipped, isFinished }) => {
        const width = rows[0]?.length ?? 0;
        const names = Array.from({ length: width }, (_, index) => `c${index}`);
        const written = rows.map((row) => row.map((value, index) => cell(value, dialect, index === 0)));
        fc.pre(written.every((row) => row.every((text) => text !== undefined)));
        // Nothing would be left of a line whose only cell is an unquoted null.
        const lines = [...(dialect.header ? [names] : []), ...written].map((row) => row.join(dialect.delimiter));
        fc.pre(dialect.header || lines[0] !== "");
        // A line in which a delimiter that is a space stands beside nothing is empty to look at, and has cells all the same.
        for (const at of comments) lines.splice(Math.min(at, lines.length), 0, `${dialect.comment} a "comment`);
        const before = skipped.slice(0, dialect.skip);
        const text = [...before, ...lines].join(dialect.lineEnd) + (isFinished || lines.at(-1) === "" ? dialect.lineEnd : "");
        const path = await folder.write(encoded(text, dialect));
        const { lineEnd: _, ...options } = dialect;
        const { quote, escape: __, ...rest } = options;
        const format = { kind: "csv" as const, ...(quote === "" ? { ...rest, quote } : options) };
        expect(await folder.texts(format, path, names)).toEqual(rows);
      }),
      { numRuns: 400 },
    );
  });

  it("reads numbers with a decimal comma, and refuses those with a point", async () => {
    const path = await folder.write("k;n;d\na;1,5;-0,25\nb;;3\n");
    const format = { kind: "csv", delimiter: ";", decimal: "," } as const;
    const column = (kind: "float64" | "decimal", name: string) => ({
      name,
      kind,
      nullable: true,
      ...(kind === "decimal" ? { precision: 9, scale: 2 } : {}),
    });
    const columns = [column("float64", "n"), column("decimal", "d")];
    const batches = [];
    for await (const batch of folder.engine.run(folder.scan(format, path, columns))) batches.push(batch);
    expect(batches.flatMap((batch) => [...(batch.getChildAt(0) ?? [])])).toEqual([1.5, null]);
    const point = await folder.write("k;n;d\na;1.5;0\n");
    const { message } = await folder.failure(
      (async () => {
        for await (const _ of folder.engine.run(folder.scan(format, point, columns)));
      })(),
    );
    expect(message).toMatch(
      /:2 column "n" is not a float64\n {2}found: {4}"1\.5"\n {2}expected: a number that float64 holds, such as 0,5 or 1e-3$/,
    );
  });

  it("of several files with their columns in different orders gives the rows in the order of the files", async () => {
    const paths = [
      await folder.write("k,n\na,1\nb,2\n"),
      await folder.write("n,k\n3,c\n"),
      await folder.write("x,n,k\nz,4,d\n"),
      await folder.write("k,n\ne,5\n"),
    ];
    const plan = {
      op: "numberRows",
      column: "row",
      input: folder.scan({ kind: "csv" }, paths, [
        { name: "n", kind: "int64", nullable: true },
        { name: "k", kind: "string", nullable: true },
      ]),
    } as const;
    const rows = [];
    for await (const batch of folder.engine.run(plan)) rows.push(...batch.toArray().map((row) => [row.n, row.k, row.row]));
    expect(rows).toEqual([1n, 2n, 3n, 4n, 5n].map((n, index) => [n, "abcde"[index], BigInt(index)]));
  });
});
