import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imports } from "./flights.js";
import { type Outcome, Project, shareProcess } from "./project.js";

shareProcess();

describeWith("postgres", "a project whose source is a query", () => {
  let server: Postgres;
  let project: Project;
  let env: Readonly<Record<string, string>>;
  const outputs: string[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    server.psql(`create table orders (customer int8, at timestamptz, amount numeric(9, 2));
      insert into orders values (1, '2024-01-01', 1.50), (1, '2024-02-01', 2.25), (2, '2024-01-15', null);
      create table labels (customer int8, at timestamptz); insert into labels values (1, '2024-01-20'), (2, '2024-01-01'), (1, '2024-03-01')`);
    project = await Project.create({
      "definitions.ts": `${imports}import { postgres } from "@mlforge/source-postgres";
const shop = postgres({ env: "SHOP_URL" });
const orders = source({ connector: shop, table: "public.orders", timestamp: "at" });
const wanted = source({ name: "wanted", connector: shop, query: "select customer, at from labels order by at, customer" });
export const spend = feature({ name: "spend", source: orders, keys: ["customer"], validators: [] });
export const defs = new Definitions({
  name: "shop",
  features: [spend],
  labels: [wanted],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
  cache: { path: "./cache" },
});
`,
    });
    const url = `postgresql://${server.user}:${server.password}@${server.host}:${server.port}/${server.database}`;
    env = { SHOP_URL: url };
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function run(...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.run(args, { env });
    outputs.push(outcome.stdout, outcome.stderr);
    return outcome;
  }

  it("builds, plans, validates, previews and inspects", async () => {
    for (const args of [
      ["inspect", "source", "orders"],
      ["plan"],
      ["validate"],
      ["build"],
      ["preview", "spend"],
      ["verify"],
      ["plan", "--check"],
    ]) {
      const { exitCode, stderr } = await run(...args);
      expect([args, exitCode, exitCode === 0 ? "" : stderr]).toEqual([args, 0, ""]);
    }
    expect((await run("build")).stdout).toContain("nothing changed");
  });

  it("joins labels that are a query", async () => {
    const labels = ["--labels", "wanted", "--timestamp", "at", "--features", "spend"];
    const { exitCode, stderr } = await run("training-data", ...labels, "--out", "train.csv", "--lock", "train.lock");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(await readFile(join(project.path, "train.csv"), "utf8")).toBe(`customer,at,amount
2,2024-01-01T00:00:00.000000Z,
1,2024-01-20T00:00:00.000000Z,1.50
1,2024-03-01T00:00:00.000000Z,2.25
`);
    const explained = await run("explain", "--labels", "wanted", "--timestamp", "at", "--features", "spend", "--row", "1", "--json");
    expect(JSON.parse(explained.stdout)).toMatchObject({ features: [{ newest: { values: { amount: "1.50" } } }] });
  });

  it("rebuilds lost data by sync, and not from other rows", async () => {
    const data = join(project.path, "feature_store/spend/1.0.0/data.parquet");
    const before = await readFile(data);
    await rm(data);
    expect((await run("sync")).exitCode).toBe(0);
    expect(await readFile(data)).toEqual(before);
    await rm(data);
    server.psql("update orders set amount = 9 where customer = 2");
    const { exitCode, stderr } = await run("sync");
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("its source data has changed since it was built (postgres table public.orders)"),
    ]);
    expect((await run("sync", "--force")).stdout).toContain("1.0.1");
  });

  it("ends with a typed error where the server is gone, and never shows the password", async () => {
    server.crash();
    const { exitCode, stderr } = await run("build", "--force");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("[SOURCE_UNAVAILABLE]")]);
    const files = await readdir(project.path, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath ?? file.path, file.name), "latin1")),
    );
    expect([...outputs, ...texts].filter((text) => text.includes(server.password))).toEqual([]);
  });
});
