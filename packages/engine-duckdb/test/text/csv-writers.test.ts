import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CsvFormat } from "@mlforge/spec";
import { describeWith, runPython } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

/** Writes tables of text in the ways that a tool offers, and says how; null is None. */
const program = `
import csv, itertools, json, os, sys
import pandas as pd, polars as pl, pyarrow as pa, pyarrow.csv as pc
folder = sys.argv[1]
tables = json.load(open(os.path.join(folder, "tables.json"), encoding="utf-8"))
written = []
def say(name, table, format, quotes_nulls=False):
    written.append({"name": name, "table": table, "format": format, "quotesNulls": quotes_nulls})
for index, rows in enumerate(tables):
    names = [f"c{cell}" for cell in range(len(rows[0]))]
    columns = {name: [row[cell] for row in rows] for cell, name in enumerate(names)}
    for tool, (delimiter, quote, end) in itertools.product(["csv", "pandas", "polars", "pyarrow"], [(",", '"', "\\n"), (";", "'", "\\r\\n"), ("\\t", '"', "\\n")]):
        name = f"{index}-{tool}-{ord(delimiter)}.csv"
        path = os.path.join(folder, name)
        format = {"delimiter": delimiter}
        if tool == "csv":
            with open(path, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=csv.QUOTE_ALL if index % 2 else csv.QUOTE_MINIMAL)
                writer.writerow(names)
                writer.writerows(rows)
            say(name, index, {**format, "quote": quote}, bool(index % 2))
        elif tool == "pandas":
            for encoding, theirs in (("utf-8", "utf-8-sig"), ("utf-16", "utf-16")):
                for compression, ending in ((None, ""), ("gzip", ".gz"), ("zstd", ".zst")):
                    if compression == "zstd" and encoding == "utf-16": continue
                    at = f"{encoding}-{compression}-{name}{ending}"
                    pd.DataFrame(columns, dtype=object).to_csv(os.path.join(folder, at), index=False, sep=delimiter, quotechar=quote, lineterminator=end, encoding=theirs, compression=compression, na_rep="<null>" if index % 3 else "")
                    say(at, index, {**format, "quote": quote, "encoding": encoding, "compression": compression or "none", "nullText": ["<null>"] if index % 3 else []})
        elif tool == "polars":
            pl.DataFrame(columns, schema={name: pl.String for name in names}).write_csv(path, separator=delimiter, quote_char=quote, line_terminator=end, quote_style="necessary" if index % 2 else "always", include_bom=bool(index % 3))
            say(name, index, {**format, "quote": quote}, not index % 2)
        elif quote == '"' and end == "\\n":
            pc.write_csv(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), path, pc.WriteOptions(delimiter=delimiter))
            say(name, index, format)
print(json.dumps(written))
`;

const values = fc.option(
  fc.oneof(
    fc.constantFrom("NA", "null", "nan", "007", "1e5", "12345678901234567890", " pad ", "#", "\u00e9\u{1f600}", "'", '"'),
    fc.string({ unit: fc.constantFrom("a", ",", ";", '"', "'", "\\", "\n", "\t", " "), minLength: 1, maxLength: 6 }),
  ),
);

const tables = fc
  .integer({ min: 2, max: 4 })
  .chain((width) => fc.array(fc.array(values, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }));

interface Written {
  readonly name: string;
  readonly table: number;
  readonly format: Omit<CsvFormat, "kind">;
  /** Whether everything was quoted, and so a missing value written as the empty text. */
  readonly quotesNulls: boolean;
}

describeWith("tables", "a CSV file of Python's csv, pandas, polars or pyarrow", () => {
  it("gives the values that were written", async () => {
    const all = fc.sample(tables, 12);
    await writeFile(join(folder.path, "tables.json"), JSON.stringify(all));
    const written: readonly Written[] = JSON.parse(runPython(program, [folder.path]));
    expect(written.length).toBeGreaterThan(12 * 9);
    for (const { name, table, format, quotesNulls } of written) {
      const rows = all[table] ?? [];
      const names = (rows[0] ?? []).map((_, cell) => `c${cell}`);
      expect([name, await folder.texts({ kind: "csv", ...format }, join(folder.path, name), names)]).toEqual([
        name,
        quotesNulls ? rows.map((row) => row.map((value) => value ?? "")) : rows,
      ]);
    }
  });
});
