import { type ErrorCode, MlforgeError } from "@mlforge/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Console } from "../src/console.js";
import { errorDocument } from "../src/error-document.js";
import { describeError, errorLine } from "../src/report-error.js";
import { createColors, jsonText, terminalText } from "../src/styling.js";
import { imports } from "./flights.js";
import { Project } from "./project.js";

/** Everything that a terminal obeys, or that turns the direction of text. Line ends are the program's own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const obeyed = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\x1b[31m",
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x1b]",
        "\x07",
        "\x9b31m",
        "\x9d",
        "\r",
        "\t",
        "\0",
        "\x7f",
        "\u202e",
        "\u2067",
        "\u200f",
      ),
      fc.constantFrom("\u2028", "\ud800", "a", "\\", "\n", '"', "é", "👩‍🚀"),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

const styles = fc.constantFrom("red", "yellow", "green", "bold", "dim");

/** A text without the styles that the program has. */
function unstyled(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with one.
  return text.replace(/\x1b\[(?:31|32|33|39|1|2|22)m/g, "");
}

describe("what is printed on a terminal", () => {
  it("has the styles of the program and nothing else that a terminal obeys", () => {
    const colors = createColors(true);
    fc.assert(
      fc.property(hostile, styles, hostile, (text, style, other) => {
        const shown = terminalText(`${text}${colors[style](other)}${text}`);
        const [plain, styledText] = [terminalText(text), terminalText(other)];
        expect(plain).not.toMatch(obeyed);
        const [before, after] = { red: [31, 39], yellow: [33, 39], green: [32, 39], bold: [1, 22], dim: [2, 22] }[style] ?? [];
        expect(shown).toBe(`${plain}\x1b[${before}m${styledText}\x1b[${after}m${plain}`);
        expect(terminalText(createColors(false)[style](other))).toBe(styledText);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is unchanged if it has nothing to obey", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "é", "日", "\\", "\n", " ", "👩‍🚀") }), (text) => terminalText(text) === text),
    );
  });

  it("is the same document in JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(hostile, hostile), (document) => {
        const text = jsonText(document);
        expect(text).not.toMatch(obeyed);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
      }),
    );
  });

  it("has nothing to obey in an error of any kind", () => {
    const codes: readonly ErrorCode[] = ["SOURCE_UNREADABLE", "SOURCE_NOT_FOUND"];
    const errors = fc.oneof(
      hostile.map((message) => new Error(message)),
      hostile.map((message): unknown => message),
      fc.tuple(fc.constantFrom(...codes), hostile).map(([code, text]) => new MlforgeError(code, text, { source: text, path: text })),
    );
    for (const isColorful of [true, false]) {
      const console = { colors: createColors(isColorful) } as Console;
      fc.assert(
        fc.property(errors, fc.option(hostile, { nil: undefined }), (error, where) => {
          const shown = terminalText(errorLine(error, console, where));
          expect(isColorful ? unstyled(shown) : shown).not.toMatch(obeyed);
          const { code, message } = describeError(error);
          expect(errorDocument(code, message)).not.toMatch(obeyed);
        }),
      );
    }
  });
});

describe("names and values of a file that a terminal would obey", () => {
  // Magenta, which the program does not use.
  const names = ["a\x1b[35mb", "c\u202ed", "e\x9bf", "g\x07h"];
  const cells = names.map((name) => `"${name}"`).join(",");
  const file = (rows: string): string => `k,at,${cells},n\n${rows}`;
  const good = file(`"x\x1b[35m",2024-01-01,${cells},1\ny,2024-01-02,${cells},2\n`);
  const definitions = `${imports}
const rows = source({ name: "rows", path: "data/rows.csv", timestamp: "at" });
const declared = source({ name: "declared", path: "data/declared.csv", columns: { k: t.string(), [${JSON.stringify(names[0])}]: t.int64() } });
export const stats = feature({ name: "stats", source: rows, keys: ["k"] });
export const broken = feature({ name: "broken", source: declared, keys: ["k"], static: true });
export const defs = new Definitions({
  name: "names",
  features: [stats, broken],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;

  it("are escaped in every command", { timeout: 240_000 }, async () => {
    await using project = await Project.create({
      "definitions.ts": definitions,
      "data/rows.csv": good,
      "data/declared.csv": `k,"${names[0]}"\nx,"not\x1b[35m\u202e a number"\n`,
      "data/labels.csv": `k,at,"l\x1b[35m"\n"x\x1b[35m",2024-01-03,1\n`,
    });
    const all = async (...args: readonly string[]): Promise<void> => {
      for (const flags of [[], ["--json"]]) {
        const { stdout, stderr } = await project.run([...args, ...flags], { env: { FORCE_COLOR: "1" } });
        const shown = unstyled(`${stdout}${stderr}`);
        expect([args, shown.length > 0, obeyed.exec(shown)]).toEqual([args, true, null]);
      }
    };
    await all("plan");
    await all("build");
    // A null key, and a version with one column less.
    await project.write({ "data/rows.csv": good.replace("y,", ",") });
    await all("validate");
    await project.write({ "data/rows.csv": good.replaceAll(',"g\x07h"', "") });
    await all("plan");
    await all("build", "--features", "stats");
    await all("diff", "stats");
    await all("preview", "stats");
    await all("inspect", "feature", "stats");
    await all("inspect", "source", "rows");
    await all("types");
    await all("list", "versions", "stats");
    await all("explain", "--features", "stats", "--key", "k=x\x1b[35m", "--at", "2024-01-03T00:00:00Z");
    await all("training-data", "--labels", "data/labels.csv", "--timestamp", "at", "--features", "stats", "--out", "train.csv");
    await all("training-data", "--labels", "data/no\x1b[35m.csv", "--timestamp", "at", "--features", "stats", "--out", "train.csv");
    await all("verify");
    await all("manifest");
    await all("doctor");
  });
});
