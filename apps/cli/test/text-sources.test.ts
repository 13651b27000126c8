import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";
import { openS3Project } from "./s3-project.js";

shareProcess();

/** Input files that other tools are known to misread, each with what must come of it. */
interface Case {
  readonly file: string;
  readonly text: string;
  /** The rows as CSV, or the error's line number, what stands there and what was expected. */
  readonly outcome: { readonly rows: string } | { readonly line: number; readonly problem: string; readonly found: string };
  readonly columns: string;
}

const cases: readonly Case[] = [
  { file: "hash.csv", text: "k,n\n#a,1\nb,2\n", columns: "{ k: t.string(), n: t.int64() }", outcome: { rows: "k,n\n#a,1\nb,2\n" } },
  {
    file: "hash-line.csv",
    text: "k,n\n#a,1\nb,2\n#\n",
    columns: "{ k: t.string(), n: t.int64() }",
    outcome: { line: 4, problem: "has 1 cell; the header has 2", found: "#" },
  },
  { file: "cut.csv", text: "k,s\na,x #y\n", columns: "{ k: t.string(), s: t.string() }", outcome: { rows: "k,s\na,x #y\n" } },
  {
    file: "grow.csv",
    text: "k,n\na,1\nk,n,x\nb,2,9\n",
    columns: "{ k: t.string(), n: t.int64() }",
    outcome: { line: 3, problem: "has 3 cells; the header has 2", found: "k,n,x" },
  },
  {
    file: "d.ndjson",
    text: '{"k":"a","d":0.1234567890123456789}\n',
    columns: "{ k: t.string(), d: t.decimal(20, 19) }",
    outcome: { rows: "k,d\na,0.1234567890123456789\n" },
  },
  {
    file: "digits.csv",
    text: "k,x\na,1e400\n",
    columns: "{ k: t.string(), x: t.float64() }",
    outcome: { line: 2, problem: 'column "x" is not a float64', found: '"1e400"' },
  },
  {
    file: "underscore.csv",
    text: "k,x\na,1_000\n",
    columns: "{ k: t.string(), x: t.float64() }",
    outcome: { line: 2, problem: 'column "x" is not a float64', found: '"1_000"' },
  },
  {
    file: "arrays.ndjson",
    text: '{"k":"a"}\n[1]\n',
    columns: "{ k: t.string() }",
    outcome: { line: 2, problem: 'begins with "[1]"', found: "[1]" },
  },
  {
    file: "deep.ndjson",
    text: `{"k":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n`,
    columns: "{ k: t.string() }",
    outcome: { line: 1, problem: "nests more than 500 deep", found: `...${"[".repeat(160)}...` },
  },
  { file: "pattern-1.csv", text: "k,n\na,1\n", columns: "{ k: t.string(), n: t.int64() }", outcome: { rows: "k,n\na,1\n" } },
];

const definitions = (
  path: string,
  columns: string,
  engine = "new DuckDBEngine()",
  store = 'new LocalStore("./feature_store")',
): string => `${imports}
const rows = source({ path: ${JSON.stringify(path)}, name: "rows", columns: ${columns} });
export const read = feature({ name: "read", source: rows, keys: ["k"] });
export const defs = new Definitions({ name: "cases", features: [read], offlineStore: ${store}, engine: ${engine} });
`;

describe("a text file as a source and as labels", () => {
  it.each(cases)("$file comes out right or not at all", async ({ file, text, columns, outcome }) => {
    await using project = await Project.create({ "definitions.ts": definitions(`data/${file}`, columns), [`data/${file}`]: text });
    const built = await project.run(["build"]);
    if ("rows" in outcome) {
      expect(built.stderr).not.toContain("error");
      expect(built.exitCode).toBe(0);
      const shown = await project.run(["preview", "read", "--json"]);
      const names = outcome.rows.split("\n")[0]?.split(",") ?? [];
      const { rows } = JSON.parse(shown.stdout) as { rows: Record<string, unknown>[] };
      expect(`${[names, ...rows.map((row) => names.map((name) => row[name]))].map((row) => row.join(",")).join("\n")}\n`).toBe(
        outcome.rows,
      );
      return;
    }
    expect(built.exitCode).toBe(1);
    const lines = built.stderr.split("\n");
    const at = lines.findIndex((line) => line.includes(outcome.problem));
    expect(lines[at]).toMatch(new RegExp(`data/${file.replace(".", "\\.")}:${outcome.line} `));
    expect(lines[at + 1]).toBe(`  found:    ${outcome.found}`);
    expect(lines[at + 2]).toMatch(/^ {2}expected: \S/);
    expect(built.stderr).not.toMatch(/strict_mode|ignore_errors|null_padding|auto_detect/);
  });

  it("labels without declared columns keep every text as it stands", async () => {
    await using project = await Project.create({
      "definitions.ts": definitions("data/known.csv", "{ k: t.string(), n: t.int64() }"),
      "data/known.csv": "k,n\na,1\n",
      "labels.csv":
        "k,ts,id,code,exponent,amount,long\na,2024-02-01,12345678901234567890,007,12E5,1.50,0.1234567890123456789\nb,2024-02-02,1,7,1,2.25,0.5\n",
      "labels.ndjson": '{"k":"a","id":12345678901234567890,"x":0.1234567890123456789}\n{"k":"b","id":1,"x":1}\n',
    });
    expect((await project.run(["build"])).exitCode).toBe(0);
    const out = async (labels: string): Promise<string> => {
      const made = await project.run(["training-data", "--labels", labels, "--features", "read", "--out", "train.csv"]);
      expect([made.exitCode, made.stderr]).toEqual([0, expect.any(String)]);
      return readFile(join(project.path, "train.csv"), "utf8");
    };
    expect(await out("labels.csv")).toBe(
      "k,ts,id,code,exponent,amount,long,n\na,2024-02-01,12345678901234567890,007,12E5,1.50,0.1234567890123456789,1\nb,2024-02-02,1,7,1,2.25,0.5,\n",
    );
    expect(await out("labels.ndjson")).toBe("k,id,x,n\na,12345678901234567890,0.1234567890123456789,1\nb,1,1,\n");
  });

  it("labels of which a line has another width are refused", async () => {
    await using project = await Project.create({
      "definitions.ts": definitions("data/known.csv", "{ k: t.string(), n: t.int64() }"),
      "data/known.csv": "k,n\na,1\n",
      "labels.csv": "k,n2\na,1\nk,n2,x\nb,2,9\n",
    });
    expect((await project.run(["build"])).exitCode).toBe(0);
    const { exitCode, stderr } = await project.run(["training-data", "--labels", "labels.csv", "--features", "read", "--out", "train.csv"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/labels\.csv:3 has 3 cells; the header has 2\n {2}found: {4}k,n2,x\n/);
  });

  it("in a bucket is named by its URL", async () => {
    await using s3 = await openS3Project();
    await s3.project.write({ "labels.csv": "origin,x\nSEA,1\nSEA\n" });
    const { exitCode, stderr } = await s3.run(["build"]);
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    const failed = await s3.run(["training-data", "--labels", "labels.csv", "--features", "airport_total", "--out", "train.csv"]);
    expect(failed.stderr).toMatch(/labels\.csv:3 has 1 cell; the header has 2/);
  });
});
