import { describeWith, runPython } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../testkit/src/engine/arrow-rows.js";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

const csv = { kind: "csv" } as const;

async function kindOf(values: readonly string[]): Promise<string> {
  const path = await folder.write(`x,y\n${values.map((value) => `${value},1\n`).join("")}`);
  const { columns } = await folder.engine.describe(folder.scan(csv, path));
  const [{ kind, precision, scale } = { kind: "none" }] = columns;
  return precision === undefined ? kind : `${kind}(${precision}, ${scale})`;
}

describe("an undeclared column of CSV", () => {
  it.each<readonly [string, readonly string[]]>([
    ["int64", ["1", "-5", "", "9223372036854775807"]],
    ["string", ["1", "9223372036854775808"]],
    ["string", ["12345678901234567890"]],
    ["string", ["007"]],
    ["string", ["+5"]],
    ["string", ["1", "-0"]],
    ["string", ["1_000"]],
    ["string", ["12E5"]],
    ["string", ["1e400", "1e+400"]],
    ["float64", ["1", "2.5", "-0.125", "1e+20", "1.5E-7", "100.0"]],
    ["float64", ["0.1", "0.30000000000000004"]],
    ["string", ["0.1", "0.1234567890123456789"]],
    ["string", ["9007199254740993", "0.5"]],
    ["decimal(18, 2)", ["1.50", "10.00", "-0.25"]],
    ["decimal(38, 19)", ["0.1234567890123456789"]],
    ["string", ["1.50", "1.5"]],
    ["string", ["1.50", "2"]],
    ["boolean", ["true", "False", ""]],
    ["string", ["t", "f"]],
    ["date", ["2024-02-29", "1970-01-01"]],
    ["string", ["2024-02-30"]],
    ["timestamp", ["2024-02-29T12:00:00Z", "2024-02-29", "2024-02-29 12:00:00.123456+02:00"]],
    ["string", ["2024-02-29T12:00:00.1234567Z"]],
    ["string", ["29/02/2024"]],
    ["string", ["NaN"]],
    ["string", ["", ""]],
  ])("is %s by %j", async (kind, values) => {
    expect(await kindOf(values)).toBe(kind);
  });

  it("is what its very last value makes it", async () => {
    const values = Array.from({ length: 60_000 }, (_, index) => String(index));
    expect(await kindOf(values)).toBe("int64");
    expect(await kindOf([...values, "x"])).toBe("string");
    expect(await kindOf([...values, "0.5"])).toBe("float64");
  });

  it("loses no digit of any number", async () => {
    const texts = fc.oneof(
      fc.stringMatching(/^[+-]?[0-9]{1,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?$/),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 3 }), async (values) => {
        const path = await folder.write(`x,y\n${values.map((value) => `${value},1\n`).join("")}`);
        const plan = folder.scan(csv, path);
        const { columns } = await folder.engine.describe(plan);
        const [column] = columns;
        const rows = await rowsOf(folder.engine, plan);
        const back = rows.map(([cell]) => (column?.kind === "decimal" ? scaled(BigInt(String(cell)), column.scale ?? 0) : String(cell)));
        const isSame = column?.kind === "float64" ? (a: string, b: string) => plain(a) === plain(b) : (a: string, b: string) => a === b;
        for (const [index, value] of values.entries())
          expect([value, column?.kind, isSame(back[index] ?? "", value)]).toEqual([value, column?.kind, true]);
      }),
      { numRuns: 250 },
    );
  });
});

function scaled(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The exact value of a decimal number, as a fraction of a power of ten without zeros at its end. */
function plain(text: string): string {
  const [mantissa = "", power = "0"] = text.toLowerCase().replace("+", "").split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  let digits = BigInt(whole.replace("-", "") + fraction);
  let exponent = Number(power) - fraction.length;
  while (digits !== 0n && digits % 10n === 0n) {
    digits /= 10n;
    exponent++;
  }
  return digits === 0n ? "0" : `${mantissa.startsWith("-") ? "-" : ""}${digits}e${exponent}`;
}

describeWith("tables", "an undeclared column that pandas wrote", () => {
  it("is what pandas had", async () => {
    const path = await folder.write("");
    runPython(
      `
import sys, pandas as pd
pd.DataFrame({
    "i": [1, 2], "f": [0.1 + 0.2, 1e-5], "whole": [1.0, None], "b": [True, False], "s": ["a", None],
    "day": pd.to_datetime(["2024-01-01", "2024-02-29"]), "at": pd.to_datetime(["2024-01-01 12:00:00.5", "2024-02-29 00:00:00.0"]), "tz": pd.to_datetime(["2024-01-01", "2024-02-29"], utc=True),
}).to_csv(sys.argv[1], index=False)
`,
      [path],
    );
    const { columns } = await folder.engine.describe(folder.scan(csv, path));
    expect(columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "i int64",
      "f float64",
      "whole float64",
      "b boolean",
      "s string",
      "day date",
      "at timestamp",
      "tz timestamp",
    ]);
  });
});
