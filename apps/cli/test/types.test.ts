import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { t } from "@mlforge/core";
import { columnKinds } from "@mlforge/spec";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsHeader, columnsModule } from "../src/commands/types/columns-module.js";
import { typesDocument } from "./documents/types.js";
import { errorDocument, parseDocument, sourcesDocument } from "./documents.js";
import { definitionsOf, flightsCsv, imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

/** A project with a source over the flights that declares these columns, and one that declares none. */
function projectWith(columns: string, more = ""): Readonly<Record<string, string>> {
  const definitions = `${imports}
${more}
const flights = source({ path: "data/flights.csv", columns: ${columns}, timestamp: "date" });
const raw_flights = source({ path: "data/flights.csv", name: "raw_flights" });
export const delays = feature({ name: "delays", source: flights, keys: ["origin", "destination"] });
export const raw = feature({ name: "raw", source: raw_flights, keys: ["origin", "destination"], timestamp: "date" });
export const defs = new Definitions({
  name: "flights",
  features: [delays, raw],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;
  return { "definitions.ts": definitions, "data/flights.csv": flightsCsv };
}

const declared = '{ date: t.timestamp({ format: "%Y-%m-%d %H:%M:%S" }), origin: t.string(), destination: t.string(), delay: t.float64() }';
const columnsText = `date: t.timestamp({ format: "%Y-%m-%d %H:%M:%S" }),
  origin: t.string(),
  destination: t.string(),
  delay: t.float64(),`;
const rawText = columnsText.replace(/\(\{.*\}\)/, "()").replace("float64", "int64");
const module = `${columnsHeader}
import { t } from "@mlforge/core";

export const flightsColumns = {
  ${columnsText}
};

export const rawFlightsColumns = {
  ${rawText}
};
`;

describe("mlforge types", () => {
  it("prints the columns of each source for copying, declared ones as they were declared", async () => {
    await using project = await Project.create(projectWith(declared));
    const { exitCode, stdout, stderr } = await project.run(["types"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(`// flights\ncolumns: {\n  ${columnsText}\n},\n\n// raw_flights\ncolumns: {\n  ${rawText}\n},\n`);
    expect((await project.run(["types", "--sources", "raw_flights"])).stdout).toBe(`// raw_flights\ncolumns: {\n  ${rawText}\n},\n`);
  });

  it("writes a module that definitions can use, once, and finds it up to date", async () => {
    await using project = await Project.create(projectWith(declared));
    const path = join(project.path, "columns.ts");
    for (const outcome of ["written", "current"]) {
      const { exitCode, stdout } = await project.run(["types", "--out", "columns.ts", "--json"]);
      expect(exitCode).toBe(0);
      expect(parseDocument(typesDocument, stdout).out).toEqual({ path, outcome });
      expect(await readFile(path, "utf8")).toBe(module);
    }
    await project.write(projectWith("flightsColumns", 'import { flightsColumns } from "./columns.js";'));
    expect((await project.run(["types", "--out", "columns.ts", "--check"])).stdout).toContain("\ncolumns.ts is up to date\n");
    expect((await project.run(["build"])).exitCode).toBe(0);
    expect((await readdir(project.path)).sort()).toEqual([".git", "columns.ts", "data", "definitions.ts", "feature_store", "node_modules"]);
  });

  it("ends with 1 where the written module is out of date, and leaves it", async () => {
    await using project = await Project.create({ ...projectWith(declared), "columns.ts": module.replace("int64", "int32") });
    const { exitCode, stdout, stderr } = await project.run(["types", "--out", "columns.ts", "--check"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\n2 of 2 sources match their declaration\ncolumns.ts is out of date\n$/);
    expect(stderr).toContain("run `mlforge types --out columns.ts` to update the columns");
    expect(await readFile(join(project.path, "columns.ts"), "utf8")).toBe(module.replace("int64", "int32"));
    expect((await project.run(["types", "--out", "absent.ts", "--check"])).exitCode).toBe(1);
    expect(await readdir(project.path)).not.toContain("absent.ts");
  });

  it.each(["export const mine = 1;\n", `\n${columnsHeader}\n`, ""])("never overwrites a file that it did not write: %j", async (text) => {
    await using project = await Project.create({ ...projectWith(declared), "mine.ts": text });
    const { exitCode, stdout } = await project.run(["types", "--out", "mine.ts", "--json"]);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout).error).toEqual({
      code: "USAGE_INVALID",
      message: expect.stringContaining("it was not written by mlforge types"),
    });
    expect(await readFile(join(project.path, "mine.ts"), "utf8")).toBe(text);
  });

  it("refuses a file in a folder that is not there", async () => {
    await using project = await Project.create(projectWith(declared));
    const { exitCode, stderr } = await project.run(["types", "--out", "absent/columns.ts"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("pass another file to --out");
  });
});

describe("mlforge types --check", () => {
  it("ends with 0 where a build would read every column, and tells what is otherwise", async () => {
    await using project = await Project.create(projectWith(declared.replace("destination: t.string(),", "destination: t.string(), ")));
    const { exitCode, stdout, stderr } = await project.run(["types", "--check"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["SOURCE", "COLUMN", "DECLARED", "IN THE FILES", "RESULT"],
      ["flights", "delay", "float64", "int64", "read as declared"],
      ["raw_flights", "no columns", "inferred"],
      [""],
      ["2 of 2 sources match their declaration"],
      [""],
    ]);
  });

  it("ends with 1 where a build would fail, with each difference and how to fix it", async () => {
    const wrong = "{ date: t.timestamp(), origin: t.string(), destination: t.int64(), dely: t.int64() }";
    await using project = await Project.create(projectWith(wrong));
    const text = await project.run(["types", "--check"]);
    expect(text.exitCode).toBe(1);
    expect(text.stderr).toMatch(/error: source "flights", column "dely": .*did you mean "delay"/);
    expect(text.stderr).toMatch(/error: source "flights", column "destination": /);
    expect(text.stderr).toMatch(/\nrun `mlforge types` to print the columns to declare, or correct the files\.\n$/);
    const { exitCode, stdout } = await project.run(["types", "--check", "--json"]);
    expect(exitCode).toBe(1);
    const { sources, out } = parseDocument(typesDocument, stdout);
    expect(out).toBe(null);
    expect(sources.map(({ passed }) => passed)).toEqual([false, true]);
    expect(sources[0]?.differences.map(({ column, difference }) => [column, difference])).toEqual([
      ["destination", "kind"],
      ["dely", "missing"],
      ["delay", "extra"],
    ]);
  });

  it("ends with 1 for a source that is not there, and writes no module", async () => {
    await using project = await Project.create(projectWith(declared));
    await project.write({
      "definitions.ts": (await readFile(join(project.path, "definitions.ts"), "utf8")).replace("flights.csv", "none.csv"),
    });
    const { exitCode, stdout, stderr } = await project.run(["types", "--out", "columns.ts", "--json"]);
    expect(exitCode).toBe(1);
    expect(parseDocument(typesDocument, stdout)).toMatchObject({
      sources: [{ source: "raw_flights" }],
      failed: [{ source: "none", error: { code: "SOURCE_NOT_FOUND" } }],
      out: null,
    });
    expect(stderr).toContain('error: source "none": ');
    expect(await readdir(project.path)).not.toContain("columns.ts");
  });

  it("checks sources that are only joined, and list sources shows them", async () => {
    const joining = `sql({
      query: "SELECT origin, count(*) AS flights FROM source JOIN products USING (origin) GROUP BY origin",
      columns: { origin: t.string(), flights: t.int64() },
      inputs: { products: source({ path: "data/products.csv", columns: { origin: t.string(), prize: t.int64() } }) },
    })`;
    await using project = await Project.create({
      "definitions.ts": definitionsOf("joined", joining),
      "data/flights.csv": flightsCsv,
      "data/products.csv": "origin,price\nSEA,1\n",
    });
    const { stdout } = await project.run(["list", "sources", "--json"]);
    expect(parseDocument(sourcesDocument, stdout).sources.map(({ name }) => name)).toEqual(["flights", "products"]);
    const checked = await project.run(["types", "--check", "--json"]);
    expect(checked.exitCode).toBe(1);
    const { sources } = parseDocument(typesDocument, checked.stdout);
    expect(sources.map(({ source, passed }) => [source, passed])).toEqual([
      ["flights", true],
      ["products", false],
    ]);
  });

  it("ends with 2 for a source that is none", async () => {
    await using project = await Project.create(projectWith(declared));
    const { exitCode, stderr } = await project.run(["types", "--sources", "flight"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('did you mean "flights"?');
  });
});

describe("the module of columns", () => {
  const column = fc.record({
    name: fc.oneof(fc.string({ unit: "binary", minLength: 1 }), fc.constantFrom("__proto__", "class", "a b", "\u2028", "constructor")),
    kind: fc.constantFrom(...columnKinds),
    nullable: fc.boolean(),
    encoding: fc.constantFrom(
      undefined,
      { kind: "epoch", unit: "ms" } as const,
      { kind: "format", formats: ["%d.%m.%Y", '%Y"%m%d'] } as const,
    ),
  });
  const digits = { precision: 12, scale: 3 };
  const columns = fc.uniqueArray(column, { selector: ({ name }) => name, minLength: 1 }).map((each) =>
    each.map(({ encoding, ...rest }) => ({
      ...rest,
      ...(rest.kind === "decimal" ? digits : {}),
      ...(rest.kind === "list"
        ? { of: { kind: "list", of: { kind: "decimal", ...digits, nullable: false }, nullable: true } as const }
        : {}),
      ...(rest.kind === "vector" ? { length: 3, element: "float64" as const } : {}),
      ...(rest.kind === "struct" ? { fields: [{ name: "__proto__", kind: "int64", nullable: true } as const] } : {}),
      ...(rest.kind === "timestamp" && encoding !== undefined ? { encoding } : {}),
    })),
  );

  it("gives the columns back, whatever their names", async () => {
    await fc.assert(
      fc.asyncProperty(columns, async (given) => {
        const text = columnsModule([{ source: "flights", declares: true, columns: given, omitted: [], differences: [], passed: true }]);
        const body = text.replace(/^import .*$/m, "").replace("export const flightsColumns =", "return");
        const found: Readonly<Record<string, object>> = new Function("t", body)(t);
        expect(new Map(Object.entries(found))).toEqual(new Map(given.map(({ name, ...rest }) => [name, rest])));
      }),
    );
  });

  it("names each source once, in one order", () => {
    const described = ["b_c", "bC", "_x_", "a"].map((source) => ({
      source,
      declares: false,
      columns: [],
      omitted: [],
      differences: [],
      passed: true,
    }));
    const names = (text: string): readonly (string | undefined)[] => [...text.matchAll(/const (\S+)/g)].map(([, name]) => name);
    expect(names(columnsModule(described))).toEqual(["_xColumns", "aColumns", "bCColumns", "bCColumns2"]);
    expect(columnsModule([...described].reverse())).toBe(columnsModule(described));
  });
});
