import { execFileSync } from "node:child_process";
import { appendFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { imports } from "./flights.js";
import { outcomeOf, Project, shareProcess, toldOnStderr } from "./project.js";

shareProcess();

const rows = "k,n\na,1\nb,2\n";

/** A build that has found its source and then waits until its stdin ends. */
const definitions = `${imports}
const rows = source({ name: "rows", path: "data/rows.csv", columns: { k: t.string(), n: t.int64() } });
export const held = feature({
  name: "held",
  source: rows,
  keys: ["k"],
  static: true,
  transform: batches({
    columns: { k: t.string(), n: t.int64() },
    async *run(rows) {
      yield* rows;
      console.error("holding");
      for await (const _ of process.stdin);
    },
  }),
});
export const defs = new Definitions({
  name: "changing",
  features: [held],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
  format: new ParquetFormat(),
});
`;

interface Change {
  readonly name: string;
  readonly make: (path: string) => Promise<void>;
  readonly error: (path: string, folder: string) => string;
}

const changed = (path: string): string => `"${path}" of source "rows" changed while it was being read; build again [SOURCE_CHANGED]`;

const changes: readonly Change[] = [
  { name: "written again with the same size", make: (path) => writeFile(path, "k,n\na,1\nc,3\n"), error: changed },
  {
    name: "replaced by a file of the same size",
    make: async (path) => {
      await writeFile(`${path}.new`, "k,n\na,9\nb,9\n");
      await rename(`${path}.new`, path);
    },
    error: changed,
  },
  { name: "appended to", make: (path) => appendFile(path, "c,3\n"), error: changed },
  {
    name: "deleted",
    make: (path) => rm(path),
    error: (path, folder) => `source "rows" has no file at "${path}" (looked in ${folder}); check the path [SOURCE_NOT_FOUND]`,
  },
  {
    name: "replaced by a pipe",
    make: async (path) => {
      await rm(path);
      execFileSync("mkfifo", [path]);
    },
    error: (path) => `source "rows": "${path}" is not a file; write its content to a file and read that file [SOURCE_UNREADABLE]`,
  },
];

describe("a build whose source file changes", () => {
  it.each(changes.map((change) => [change.name, change] as const))(
    "publishes nothing and leaves nothing: %s",
    async (_, { make, error }) => {
      await using project = await Project.create({ "definitions.ts": definitions, "data/rows.csv": rows });
      const path = join(project.path, "data/rows.csv");
      const child = project.start(["build"]);
      const outcome = outcomeOf(child);
      await toldOnStderr(child, "holding");
      await make(path);
      child.stdin.end();
      const { exitCode, stderr } = await outcome;
      expect([exitCode, stderr]).toEqual([1, `holding\nerror: held: ${error(path, project.path)}\n`]);
      const versions = await project.run(["list", "versions", "held", "--json"]);
      expect(JSON.parse(versions.stdout)).toMatchObject({ versions: [] });
      const left = await readdir(join(project.path, "feature_store"), { recursive: true });
      expect(left.filter((name) => /parquet|staging\/.|meta\.json/.test(name))).toEqual([]);
    },
  );
});

describe("a signal while a compressed file is read", () => {
  it("removes the copy in the temporary folder", { timeout: 60_000 }, async () => {
    const scanned = definitions.replace("data/rows.csv", "data/rows.csv.gz").replace(/ {2}transform: batches\(\{.*?\}\),\n/s, "");
    await using project = await Project.create({ "definitions.ts": scanned, "temporary/keep": "" });
    const data = join(project.path, "data/rows.csv.gz");
    await project.write({ "data/keep": "" });
    // Seconds of reading.
    await writeFile(data, gzipSync(`k,n\n${"a,1\n".repeat(50_000_000)}`, { level: 1 }));
    const temporary = join(project.path, "temporary");
    const child = project.start(["build"], { env: { TMPDIR: temporary } });
    const outcome = outcomeOf(child);
    await expect
      .poll(async () => (await readdir(temporary, { recursive: true })).some((name) => name.endsWith(".partial")), { timeout: 30_000 })
      .toBe(true);
    child.kill("SIGINT");
    expect((await outcome).exitCode).toBe(130);
    expect(await readdir(temporary)).toEqual(["keep"]);
  });
});
