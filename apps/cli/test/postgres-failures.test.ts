import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imports } from "./flights.js";
import { type Outcome, outcomeOf, Project } from "./project.js";

/** Queries that fail after 4,999 rows or send rows for hours. Their cheap fingerprint is found first. */
const definitions = `${imports}import { postgres } from "@mlforge/source-postgres";
const shop = postgres({ env: "SHOP_URL" });
const rows = (name, query) => source({ name, connector: shop, query, fingerprint: { query: "select 1" } });
const keyed = (name, query) => feature({ name, source: rows(name + "_rows", query), keys: ["x"], static: true });
const divided = "select x, 1 / (x - 5000) as y from generate_series(1, 10000) x";
export const defs = new Definitions({
  name: "shop",
  features: [
    keyed("divided", divided),
    keyed("endless", "select generate_series(1, 1000000000) as x, repeat('x', 1000) as y"),
    keyed("fine", "select x, -x as z from generate_series(1, 10) x"),
  ],
  labels: [rows("labels", divided)],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
  cache: { path: "./cache" },
});
`;

describeWith("postgres", "a query that fails while its rows are read", () => {
  let server: Postgres;
  let project: Project;
  let options: { readonly env: Readonly<Record<string, string>> };
  let place: string;
  beforeAll(async () => {
    server = await startPostgres();
    project = await Project.create({ "definitions.ts": definitions, "temporary/keep": "" });
    const { host, port, user, password, database } = server;
    place = `postgres://${host}:${port}/${database}`;
    options = {
      env: { SHOP_URL: `postgresql://${user}:${password}@${host}:${port}/${database}`, TMPDIR: join(project.path, "temporary") },
    };
    expect((await run("build", "--features", "fine")).exitCode).toBe(0);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const run = (...args: readonly string[]): Promise<Outcome> => project.run(args, options);

  /** All files of the project, with their content. */
  async function files(): Promise<ReadonlyMap<string, string>> {
    const found = await readdir(project.path, { recursive: true, withFileTypes: true });
    const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
    return new Map(await Promise.all(paths.sort().map(async (path) => [path, await readFile(path, "latin1")] as const)));
  }

  /** Runs a command that must fail, and expects that it leaves every file as it was and shows the password nowhere. */
  async function failing(command: () => Promise<Outcome>): Promise<Outcome> {
    const before = await files();
    const outcome = await command();
    const after = await files();
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect(after).toEqual(before);
    expect([outcome.stdout, outcome.stderr, ...after.values()].filter((text) => text.includes(server.password))).toEqual([]);
    return outcome;
  }

  it.each([
    ["a build", ["build", "--features", "divided"], "divided: ", "divided_rows"],
    ["a preview", ["preview", "divided"], "", "divided_rows"],
    ["a validation", ["validate", "--features", "divided"], "divided: ", "divided_rows"],
    ["a training set", ["training-data", "--labels", "labels", "--features", "fine", "--out", "train.csv"], "", "labels"],
    ["an explanation", ["explain", "--labels", "labels", "--features", "fine", "--row", "3"], "", "labels"],
  ])("ends %s with an error, and leaves no file", async (_, args, feature, source) => {
    const { exitCode, stderr } = await failing(() => run(...args));
    expect([exitCode, stderr]).toEqual([
      1,
      `error: ${feature}source "${source}": division by zero (22012) at ${place}; a row of the query has a value that it cannot compute with: leave such rows out, or use case or nullif [SOURCE_UNREADABLE]\n`,
    ]);
  });

  it("does not keep other features from being built", async () => {
    const { exitCode, stdout } = await run("build", "--features", "divided,fine", "--force", "--json");
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      1,
      { built: [{ feature: "fine", version: "1.0.1" }], failed: [{ feature: "divided", error: { code: "SOURCE_UNREADABLE" } }] },
    ]);
  });

  /** Starts to build rows without end, and resolves once a megabyte of them has arrived. */
  async function reading(): Promise<{ readonly outcome: Promise<Outcome> }> {
    const outcome = outcomeOf(project.start(["build", "--features", "endless"], options));
    const arrived = async (): Promise<number> => {
      const names = await readdir(join(project.path, "cache/unfinished"), { recursive: true });
      const sizes = names
        .filter((name) => name.endsWith("rows"))
        .map(async (name) => (await stat(join(project.path, "cache/unfinished", name))).size);
      return Math.max(0, ...(await Promise.all(sizes)));
    };
    await expect.poll(arrived, { timeout: 30_000 }).toBeGreaterThan(1_000_000);
    return { outcome };
  }

  const lost = (): string =>
    `error: endless: source "endless_rows": lost the connection at ${place}; check that the server runs and can be reached, then try again [SOURCE_UNAVAILABLE]\n`;
  /** The system may give a code for a lost connection. */
  const withoutCode = (text: string): string => text.replace(/ \((ECONNRESET|EPIPE|57P0[12])\)/, "");

  it("ends a build whose connection the server ends", { timeout: 60_000 }, async () => {
    const { exitCode, stderr } = await failing(async () => {
      const { outcome } = await reading();
      server.psql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mlforge'");
      return outcome;
    });
    expect([exitCode, withoutCode(stderr)]).toEqual([1, lost()]);
  });

  it("ends a build whose server is killed", { timeout: 60_000 }, async () => {
    const { exitCode, stderr } = await failing(async () => {
      const { outcome } = await reading();
      server.crash();
      return outcome;
    });
    expect([exitCode, withoutCode(stderr)]).toEqual([1, lost()]);
    const versions = await run("list", "versions", "endless", "--json");
    expect(JSON.parse(versions.stdout)).toMatchObject({ versions: [] });
  });
});
