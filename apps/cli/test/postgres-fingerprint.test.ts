import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const page = fileURLToPath(new URL("../../../docs/databases.md", import.meta.url));

/** Returns the checksum by period exactly as the page about databases shows it. */
async function documentedQuery(): Promise<string> {
  const blocks = [...(await readFile(page, "utf8")).matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql]) => sql);
  expect(blocks).toEqual([expect.stringContaining("date_trunc('month', created_at)")]);
  return blocks[0] ?? "";
}

describeWith("postgres", "the checksum by period of docs/databases.md", () => {
  let server: Postgres;
  let project: Project;
  let query: string;
  beforeAll(async () => {
    server = await startPostgres();
    query = await documentedQuery();
    project = await Project.create({
      "definitions.ts": `${imports}import { postgres } from "@mlforge/source-postgres";
const shop = postgres({ env: "SHOP_URL" });
const rows = (name, query) => source({ name, connector: shop, table: "public.orders", timestamp: "created_at", fingerprint: { query } });
const spend = (name, query) => feature({ name, source: rows(name + "_orders", query), keys: ["id"] });
export const defs = new Definitions({
  name: "shop",
  features: [
    spend("by_period", ${JSON.stringify(query)}),
    spend("by_newest", "select count(*), max(created_at) from orders"),
  ],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
  cache: { path: "./cache" },
});
`,
    });
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Creates 24 months of orders. */
  function createOrders(): void {
    server.psql(`drop table if exists orders;
      create table orders (id int8 primary key, created_at timestamptz not null, amount numeric(9, 2), note text);
      insert into orders select g, timestamptz '2023-01-01 00:00Z' + g * interval '6 hours', g * 0.25, nullif('n' || g % 7, 'n0')
        from generate_series(0, 2900) g`);
  }

  /** Builds, and returns the versions of what was built. */
  async function build(): Promise<Readonly<Record<string, string>>> {
    const { host, port, user, password, database } = server;
    const env = { SHOP_URL: `postgresql://${user}:${password}@${host}:${port}/${database}` };
    const { exitCode, stdout, stderr } = await project.run(["build", "--json"], { env });
    expect([exitCode, exitCode === 0 ? "" : stderr]).toEqual([0, ""]);
    const { built }: { readonly built: readonly { readonly feature: string; readonly version: string }[] } = JSON.parse(stdout);
    return Object.fromEntries(built.map(({ feature, version }) => [feature, version]));
  }

  it("builds again after a change in an old month, which the newest row does not show", async () => {
    createOrders();
    expect(await build()).toEqual({ by_period: "1.0.0", by_newest: "1.0.0" });
    expect(await build()).toEqual({});
    server.psql("update orders set amount = amount + 0.01 where id = 100");
    expect(await build()).toEqual({ by_period: "1.0.1" });
    expect(await build()).toEqual({});
  });

  it.each([
    ["a value", "update orders set amount = amount + 0.01 where id = 100", ["2023-01-01"]],
    ["a null that becomes text", "update orders set note = '' where id = 0", ["2023-01-01"]],
    ["a swap of two values", "update orders set note = case id when 101 then 'n4' else 'n3' end where id in (101, 102)", ["2023-01-01"]],
    ["a deleted row", "delete from orders where id = 200", ["2023-02-01"]],
    [
      "a row that moves to another month",
      "update orders set created_at = '2024-05-05 00:00Z' where id = 200",
      ["2023-02-01", "2024-05-01"],
    ],
    ["a new row", "insert into orders values (-1, '2023-03-03 00:00Z', 1, 'late')", ["2023-03-01"]],
  ])("shows the months of %s", (_, change, months) => {
    createOrders();
    const before = server.psql(`set timezone = 'UTC'; ${query}`).split("\n");
    expect(before).toHaveLength(24);
    server.psql(change);
    const after = server.psql(`set timezone = 'UTC'; ${query}`).split("\n");
    expect(after.filter((line) => !before.includes(line)).map((line) => line.slice(0, 10))).toEqual(months);
    // The order in which the rows are stored means nothing.
    server.psql(
      "create table other as select * from orders order by random(); truncate orders; insert into orders select * from other; drop table other",
    );
    expect(server.psql(`set timezone = 'UTC'; ${query}`).split("\n")).toEqual(after);
  });
});
