import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ParquetFormat } from "@mlforge/format-parquet";
import type { Schema } from "@mlforge/spec";
import { Float64, Int64, type RecordBatch, Table, TimestampMicrosecond, Utf8, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { nameProblem } from "../src/commands/init/project-name.js";
import { initDocument } from "./documents/init.js";
import { buildDocument, errorDocument, parseDocument, sourceDocument } from "./documents.js";
import { Project, shareProcess } from "./project.js";
import { Terminal } from "./terminal.js";

shareProcess();

const require = createRequire(import.meta.url);
const columns: Schema = [
  { name: "user_id", kind: "string", nullable: true },
  { name: "at", kind: "timestamp", nullable: true },
  { name: "paid at", kind: "timestamp", nullable: true },
  { name: "amount", kind: "float64", nullable: true },
  { name: "row_count", kind: "int64", nullable: true },
];

/** A Parquet file of three rows, of which one has no key, whatever its timestamps. */
async function writeEvents(project: Project, name: string, schema: Schema = columns): Promise<void> {
  const timestamp = (day: number): Date => new Date(Date.UTC(2026, 0, day));
  const table = new Table({
    user_id: vectorFromArray(["a", "a", null], new Utf8()),
    at: vectorFromArray([timestamp(1), timestamp(2), timestamp(3)], new TimestampMicrosecond("UTC")),
    "paid at": vectorFromArray([timestamp(2), null, timestamp(4)], new TimestampMicrosecond("UTC")),
    amount: vectorFromArray([1.5, 2.5, 3.5], new Float64()),
    row_count: vectorFromArray([1n, 2n, 3n], new Int64()),
  });
  const { batches: chosen } = table.select(table.schema.names.filter((column) => schema.some((each) => each.name === column)));
  async function* batches(): AsyncGenerator<RecordBatch> {
    yield* chosen;
  }
  const parts = [];
  for await (const part of new ParquetFormat().encode(batches(), schema)) parts.push(part);
  await writeFile(join(project.path, name), Buffer.concat(parts));
}

async function text(project: Project, ...path: readonly string[]): Promise<string> {
  return await readFile(join(project.path, ...path), "utf8");
}

/** Every file below a folder of the project, with its text. */
async function textsIn(project: Project, folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(join(project.path, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [path.slice(project.path.length + folder.length + 2), await readFile(path, "utf8")])),
  );
}

/** The names in the project's own folder, hidden ones too, which would show what a failure left behind. */
async function leftIn(project: Project): Promise<readonly string[]> {
  return (await readdir(project.path)).filter((name) => ![".git", "node_modules"].includes(name)).sort();
}

const sampleFiles = ["package.json", "tsconfig.json", ".gitignore", "README.md", "src/definitions.ts", "data/orders.csv"];

describe("mlforge init", () => {
  it.each(["local", "s3"])("writes a project for --store %s that builds at once, and lists its files", async (store) => {
    await using project = await Project.create({});
    const { exitCode, stdout, stderr } = await project.run(["init", "shop", "--store", store, "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const path = join(project.path, "shop");
    expect(parseDocument(initDocument, stdout)).toEqual({ path, files: sampleFiles, installed: false });
    expect(Object.keys(await textsIn(project, "shop")).sort()).toEqual([...sampleFiles].sort());
    expect(await leftIn(project)).toEqual(["shop"]);
    const { built, failed } = parseDocument(buildDocument, (await project.run(["build", "--json"], { cwd: "shop" })).stdout);
    expect(failed).toEqual([]);
    expect(built.map(({ feature }) => feature)).toEqual(["customer_spend", "customer_totals"]);
    expect((await readdir(path)).includes("feature_store")).toBe(true);
  });

  it("writes the same bytes whenever it is called", async () => {
    await using project = await Project.create({});
    await using other = await Project.create({});
    for (const each of [project, other]) await each.run(["init", "shop", "--store", "s3"]);
    expect(await textsIn(project, "shop")).toEqual(await textsIn(other, "shop"));
    const lines = (await text(project, "shop/data/orders.csv")).trim().split("\n");
    expect(lines).toHaveLength(401);
    expect(lines[0]).toBe("order_id,ordered_at,customer,amount");
  });

  it("ends with what to type next, in the words of the package manager that called it", async () => {
    await using project = await Project.create({});
    const env = { npm_config_user_agent: "pnpm/10.0.0 npm/? node/v20" };
    expect((await project.run(["init", "one"], { env: { npm_config_user_agent: "" } })).stdout).toMatch(
      /\n\nNext:\n {2}cd one\n {2}npm install\n {2}npx mlforge build\n {2}npx mlforge preview customer_spend --version latest\n$/,
    );
    expect((await project.run(["init", "two"], { env })).stdout).toMatch(/\n {2}pnpm install\n {2}pnpm mlforge build\n/);
  });

  it("asks for the packages that this command goes with", async () => {
    await using project = await Project.create({});
    await project.run(["init", "shop", "--store", "s3"]);
    const manifestOf = v.object({ version: v.string(), peerDependencies: v.optional(v.record(v.string(), v.string())) });
    const [own, store] = await Promise.all(
      ["../package.json", require.resolve("@mlforge/store-s3/package.json")].map(async (path) =>
        v.parse(manifestOf, JSON.parse(await readFile(path.startsWith("..") ? new URL(path, import.meta.url) : path, "utf8"))),
      ),
    );
    const catalog = await readFile(new URL("../../../pnpm-workspace.yaml", import.meta.url), "utf8");
    const pinned = (name: string): string => catalog.match(new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m"))?.[1] ?? "";
    expect(JSON.parse(await text(project, "shop/package.json"))).toMatchObject({
      name: "shop",
      private: true,
      type: "module",
      dependencies: {
        ...Object.fromEntries(
          ["cli", "core", "engine-duckdb", "store-local", "store-s3"].map((name) => [`@mlforge/${name}`, `^${own?.version}`]),
        ),
        ...own?.peerDependencies,
        ...store?.peerDependencies,
      },
      devDependencies: { typescript: `~${pinned("typescript")}`, "@types/node": `^${pinned("@types/node")}` },
    });
  });

  it("names the bucket it is given, and otherwise the variable that must name it", async () => {
    await using project = await Project.create({});
    await project.run(["init", "given", "--store", "s3", "--bucket", "my-bucket"]);
    await project.run(["init", "asked", "--store", "s3"]);
    const env = { MLFORGE_PROFILE: "prod", FEATURES_BUCKET: "" };
    const asked = await project.run(["list", "features"], { cwd: "asked", env });
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("the environment variable FEATURES_BUCKET is not set");
    expect((await project.run(["list", "features"], { cwd: "given", env })).exitCode).toBe(0);
    expect(await text(project, "given/src/definitions.ts")).toContain('bucket: "my-bucket"');
  });

  it("says so where the installation fails, and leaves the project", async () => {
    await using project = await Project.create({ "bin/npm": "#!/bin/sh\necho broken >&2; exit 7\n" });
    const path = join(project.path, "bin");
    await chmod(join(path, "npm"), 0o755);
    const env = { PATH: `${path}:${process.env.PATH}`, npm_config_user_agent: "" };
    const { exitCode, stdout, stderr } = await project.runAlone(["init", "shop", "--install", "--json"], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toBe("broken\nerror: npm install failed; the project is complete, so run it again in shop\n");
    expect(parseDocument(initDocument, stdout)).toMatchObject({ files: sampleFiles, installed: false });
  });
});

describe("mlforge init --from", () => {
  it("declares the columns of the file, chooses what is plain, and builds at once", async () => {
    await using project = await Project.create({});
    await writeEvents(
      project,
      "events.parquet",
      columns.filter(({ name }) => name !== "paid at"),
    );
    const { exitCode, stdout } = await project.run(["init", "shop", "--from", "events.parquet", "--json"]);
    expect(exitCode).toBe(0);
    expect(parseDocument(initDocument, stdout).files).toEqual(sampleFiles.filter((path) => path !== "data/orders.csv"));
    const source = await project.run(["inspect", "source", "events", "--json"], { cwd: "shop" });
    expect(parseDocument(sourceDocument, source.stdout)).toMatchObject({
      paths: ["../events.parquet"],
      timestamp: "at",
      columns: columns.filter(({ name }) => name !== "paid at"),
    });
    const { built, failed } = parseDocument(buildDocument, (await project.run(["build", "--json"], { cwd: "shop" })).stdout);
    expect(failed).toEqual([]);
    expect(built).toMatchObject([{ feature: "events_by_user_id_lately" }, { feature: "events_by_user_id", rows: 1 }]);
  });

  it("takes keys and timestamp as given, whatever their names", async () => {
    await using project = await Project.create({});
    await writeEvents(project, "events.parquet");
    const args = ["init", "shop", "--from", "events.parquet", "--keys", "row_count,user_id", "--timestamp", "paid at"];
    expect((await project.run(args)).exitCode).toBe(0);
    const { built, failed } = parseDocument(buildDocument, (await project.run(["build", "--json"], { cwd: "shop" })).stdout);
    expect(failed).toEqual([]);
    expect(built).toMatchObject([{ feature: "events_by_row_count_user_id_lately" }, { feature: "events_by_row_count_user_id", rows: 2 }]);
  });

  it.each([
    [
      "excel.csv",
      "\ufeffuser_id;at;amount;note;empty\r\na;2026-01-01 10:00;1.5;1,5;\r\nb;2026-01-02 10:00;2.25;x;\r\n",
      {
        format: { kind: "csv", delimiter: ";" },
        columns: { user_id: "string", at: "timestamp", amount: "float64", note: "string" },
      },
    ],
    [
      "events.ndjson",
      '{"user_id":"a","at":"2026-01-01T10:00:00Z","amount":1,"tags":["x"],"empty":null}\n{"user_id":"b","at":"2026-01-02T10:00:00+02:00"}\n',
      { format: { kind: "ndjson" }, columns: { user_id: "string", at: "timestamp", amount: "int64", tags: "json" } },
    ],
  ])("declares the columns of %s, with the types of all its values, and builds at once", async (file, content, { format, columns }) => {
    await using project = await Project.create({ [file]: content });
    expect((await project.run(["init", "shop", "--from", file, "--keys", "user_id"])).exitCode).toBe(0);
    const source = await project.run(["inspect", "source", file.replace(/\..*/, ""), "--json"], { cwd: "shop" });
    const found = parseDocument(sourceDocument, source.stdout);
    expect(found).toMatchObject({ format, timestamp: "at" });
    expect(Object.fromEntries(found.columns?.map(({ name, kind }) => [name, kind]) ?? [])).toEqual(columns);
    expect(await text(project, "shop/src/definitions.ts")).toContain('or not supported: "empty" (a column without values)');
    const { built, failed } = parseDocument(buildDocument, (await project.run(["build", "--json"], { cwd: "shop" })).stdout);
    expect(failed).toEqual([]);
    expect(built).toMatchObject([{ rows: expect.any(Number) }, { rows: 2 }]);
    // What the file does not hold today fails the build, and never changes a type.
    await project.write({ [file]: content.replace(/1\.5|1,/, (value) => value.replace("1", "l")) });
    const refused = parseDocument(buildDocument, (await project.run(["build", "--json"], { cwd: "shop" })).stdout);
    expect(refused.failed[0]?.feature).toMatch(/_lately$/);
  });

  it("leaves the timestamp open where several columns may be it", async () => {
    await using project = await Project.create({});
    await writeEvents(project, "events.parquet");
    expect((await project.run(["init", "shop", "--from", "events.parquet"])).exitCode).toBe(0);
    expect(await text(project, "shop/src/definitions.ts")).toContain(
      '  // Choose the column that says when a row became known: timestamp: "at" or "paid at"\n',
    );
    expect((await project.run(["build"], { cwd: "shop" })).exitCode).toBe(0);
  });

  it.each([
    ["a file that is not there", ["--from", "absent.parquet"], 1, "SOURCE_NOT_FOUND", "there is no file at"],
    ["a file that is no Parquet", ["--from", "data.txt"], 1, "SOURCE_UNREADABLE", "must end in .csv, .tsv, .ndjson, or .jsonl"],
    ["a CSV file without a header", ["--from", "headless.csv"], 1, "SOURCE_UNREADABLE", "has no header"],
    ["a CSV file with unequal lines", ["--from", "short.csv"], 1, "SOURCE_UNREADABLE", "short.csv:3 has 1 cell; the header has 2"],
    ["an object of a bucket", ["--from", "s3://bucket/a.parquet"], 2, "USAGE_INVALID", "is not a local file"],
    ["a key that is no column", ["--from", "events.parquet", "--keys", "user_idd"], 2, "USAGE_INVALID", 'did you mean "user_id"?'],
    ["a timestamp that is none", ["--from", "events.parquet", "--timestamp", "amount"], 2, "USAGE_INVALID", "is a timestamp or a date"],
    ["keys without a file", ["--keys", "a"], 2, "USAGE_INVALID", "--keys needs --from"],
  ])("refuses %s and writes nothing", async (_, args, exitCode, code, told) => {
    await using project = await Project.create({ "data.txt": "a,b\n1,2\n", "headless.csv": "1,a\n2,b\n", "short.csv": "a,b\n1,2\n3\n" });
    await writeEvents(project, "events.parquet");
    const before = await leftIn(project);
    const outcome = await project.run(["init", "shop", ...args, "--json"]);
    expect(outcome.exitCode).toBe(exitCode);
    expect(parseDocument(errorDocument, outcome.stdout).error).toEqual({ code, message: expect.stringContaining(told) });
    expect(await leftIn(project)).toEqual(before);
  });
});

describe("the folder of mlforge init", () => {
  it.each([
    ["..", "one folder in the working directory"],
    ["../shop", "one folder in the working directory"],
    ["/tmp/shop", "one folder in the working directory"],
    ["a/b", "one folder in the working directory"],
    ["a\\b", "one folder in the working directory"],
    [".shop", 'such as "shop"'],
    ["shop.", 'such as "shop"'],
    ["my shop", 'such as "my-shop"'],
    ["Shop", 'such as "shop"'],
    ["http", "npm reserves this name"],
    ["node_modules", "npm reserves this name"],
    ["", "a project needs a name"],
    ["a".repeat(215), "at most 214"],
  ])("is not named %j", async (name, told) => {
    await using project = await Project.create({});
    const { exitCode, stdout } = await project.run(["init", "--json", "--", name]);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout).error).toEqual({ code: "USAGE_INVALID", message: expect.stringContaining(told) });
    expect(await leftIn(project)).toEqual([]);
  });

  it("is never overwritten", async () => {
    await using project = await Project.create({ "full/notes.txt": "mine", file: "mine" });
    await mkdir(join(project.path, "target"));
    await symlink(join(project.path, "target"), join(project.path, "link"), "junction");
    for (const name of ["full", "file", "link"]) {
      const { exitCode, stderr } = await project.run(["init", name]);
      expect({ name, exitCode }).toEqual({ name, exitCode: 2 });
      expect(stderr).toContain("mlforge init never overwrites anything");
    }
    expect(await leftIn(project)).toEqual(["file", "full", "link", "target"]);
    expect(await textsIn(project, "full")).toEqual({ "notes.txt": "mine" });
    expect(await readdir(join(project.path, "target"))).toEqual([]);
  });

  it("may be there and empty", async () => {
    await using project = await Project.create({});
    await mkdir(join(project.path, "shop"));
    expect((await project.run(["init", "shop"])).exitCode).toBe(0);
    expect(Object.keys(await textsIn(project, "shop")).sort()).toEqual([...sampleFiles].sort());
  });

  it("is won by one of eight that make it at once", async () => {
    await using project = await Project.create({});
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => project.run(["init", "shop"])));
    expect(outcomes.map(({ exitCode }) => exitCode).sort()).toEqual([0, 2, 2, 2, 2, 2, 2, 2]);
    expect(await leftIn(project)).toEqual(["shop"]);
    expect(Object.keys(await textsIn(project, "shop")).sort()).toEqual([...sampleFiles].sort());
  });

  it.each([
    ["no name and no terminal", [], "a project needs a name: mlforge init"],
    ["a bucket without S3", ["shop", "--bucket", "my-bucket"], "--bucket needs --store s3"],
    ["no name of a bucket", ["shop", "--store", "s3", "--bucket", "A_b"], "is not a valid bucket name"],
    ["an unknown store", ["shop", "--store", "gcs"], "Allowed choices are local, s3."],
  ])("is not made with %s", async (_, args, told) => {
    await using project = await Project.create({});
    const { exitCode, stderr } = await project.run(["init", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(told);
    expect(await leftIn(project)).toEqual([]);
  });
});

const enter = "\r";

describe("the name of a project", () => {
  it.each([
    ["My Features", "my-features"],
    ["Zürich: Käufe 2026!", "zurich-kaufe-2026"],
    ["_shop.", "shop"],
  ])("is proposed for %j", (given, proposed) => {
    expect(nameProblem(given)).toContain(`, such as "${proposed}"`);
    expect(nameProblem(proposed)).toBeUndefined();
  });

  it("that is proposed is always accepted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (given) => {
        const [, proposed] = /, such as "(.*)"$/.exec(nameProblem(given) ?? "") ?? [];
        if (proposed !== undefined) expect(nameProblem(proposed)).toBeUndefined();
      }),
    );
  });
});

describe.runIf(process.platform === "linux")("mlforge init by hand", () => {
  it("asks what was not told, and makes the project of the answers", async () => {
    await using project = await Project.create({});
    await writeEvents(project, "events.parquet");
    const terminal = new Terminal(project, ["init"]);
    await terminal.answer("Project name", `shop${enter}`);
    await terminal.answer("Where should mlforge keep features?", `\x1b[B${enter}`);
    await terminal.answer("Bucket (leave empty", `my-bucket${enter}`);
    await terminal.answer("Data file to start from", `events.parquet${enter}`);
    await terminal.answer("Which columns are the keys of features?", enter);
    await terminal.answer("Which column says when", `\x1b[B${enter}`);
    await terminal.answer("Install dependencies?", "n");
    const { exitCode, shown } = await terminal.end();
    expect({ exitCode, shown }).toMatchObject({ exitCode: 0 });
    const definitions = await text(project, "shop/src/definitions.ts");
    expect(definitions).toContain('bucket: "my-bucket"');
    expect(definitions).toContain('timestamp: "paid at"');
    expect(definitions).toContain('keys: ["user_id"]');
  });

  it("asks again only what was wrong, and keeps the other answers", async () => {
    await using project = await Project.create({ "taken/file": "" });
    await writeEvents(project, "events.parquet");
    const terminal = new Terminal(project, ["init"]);
    const erase = (typed: string): string => "\x7f".repeat(typed.length);
    await terminal.answer("Project name", `taken${enter}`);
    await terminal.answer('"taken" already exists', "");
    await terminal.answer("Project name", `${erase("taken")}shop${enter}`);
    await terminal.answer("Where should mlforge keep features?", `\x1b[B${enter}`);
    await terminal.answer("Bucket (leave empty", `my-bucket${enter}`);
    await terminal.answer("Data file to start from", `event.parquet${enter}`);
    await terminal.answer("there is no file at", "");
    await terminal.answer("Data file to start from", `${erase(".parquet")}s.parquet${enter}`);
    await terminal.answer("Which columns are the keys of features?", enter);
    await terminal.answer("Which column says when", enter);
    await terminal.answer("Install dependencies?", "n");
    const { exitCode, shown } = await terminal.end();
    expect({ exitCode, shown }).toMatchObject({ exitCode: 0 });
    expect(await text(project, "shop/src/definitions.ts")).toContain('bucket: "my-bucket"');
  });

  it("fails a test that types what a prompt refuses, and shows the terminal", async () => {
    await using project = await Project.create({});
    const terminal = new Terminal(project, ["init"]);
    await terminal.answer("Project name", `My Features${enter}`);
    await expect(terminal.answer("Where should mlforge keep features?", enter)).rejects.toThrow(/was refused: .*such as "my-features"/s);
    await terminal.answer('such as "my-features"', "\x03");
    expect((await terminal.end()).exitCode).toBe(130);
  });

  it("leaves nothing at Ctrl-C", async () => {
    await using project = await Project.create({});
    const terminal = new Terminal(project, ["init"]);
    await terminal.answer("Project name", `shop${enter}`);
    await terminal.answer("Where should mlforge keep features?", "\x03");
    const { exitCode, shown } = await terminal.end();
    expect(exitCode).toBe(130);
    expect(shown).toContain("cancelled; nothing was written");
    expect(await leftIn(project)).toEqual([]);
  });

  it.each([["--yes"], ["--store=local"], ["--no-install"], ["--json"]])("asks nothing with %s", async (flag) => {
    await using project = await Project.create({});
    const { exitCode } = await new Terminal(project, ["init", "shop", flag]).end();
    expect(exitCode).toBe(0);
    expect(await leftIn(project)).toEqual(["shop"]);
  });
});
