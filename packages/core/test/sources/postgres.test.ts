import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { postgres } from "@mlforge/source-postgres";
import type { Connector } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type AnyFeature, Definitions, entity, feature, type QueryOptions, source, t } from "../../src/index.js";

const user = entity({ name: "user", keys: ["id"] });

describeWith("postgres", "a source that reads PostgreSQL", () => {
  const engine = new DuckDBEngine({ threads: 2 });
  let server: Postgres;
  let folder: string;
  let connector: Connector;
  const open: Definitions[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    const { host, port, password, database } = server;
    connector = postgres({ host, port, user: server.user, password, database });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-query-"));
    server.psql("drop table if exists orders; create table orders (id int8, amount numeric(12, 3), at timestamptz, note text)");
    server.psql("insert into orders values (1, 1.5, '2024-01-01 12:00+02', 'a'), (2, null, '2024-01-02 00:00:00.000001+00', '')");
  });
  afterEach(async () => {
    for (const defs of open.splice(0)) await defs.offlineStore[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** Definitions as a new process would make them, with the cache of the test. */
  function project(features: readonly AnyFeature[], cache = "cache"): Definitions {
    const offlineStore = new LocalStore(join(folder, "store"));
    const defs = new Definitions({ name: "shop", features, offlineStore, engine, cache: { path: join(folder, cache) } });
    open.push(defs);
    return defs;
  }

  function orders(options: Partial<Omit<QueryOptions, "path" | "format">> = { table: "public.orders" }): AnyFeature {
    const read = source({ name: "orders", connector, timestamp: "at", ...options });
    return feature({ name: "spend", source: read, entities: [user] });
  }

  async function rowsOf(defs: Definitions): Promise<unknown[]> {
    const rows: unknown[] = [];
    for await (const row of (await defs.readFeature("spend", { version: "latest" })).rows()) rows.push(row);
    return rows;
  }

  it("builds a table, skips it while nothing changed, and publishes a patch once a row did", async () => {
    const defs = project([orders()]);
    const { built, failed } = await defs.build();
    expect({ failed, built: built.map(({ version, rows }) => ({ version, rows })) }).toEqual({
      failed: [],
      built: [{ version: "1.0.0", rows: 2 }],
    });
    expect(await rowsOf(defs)).toEqual([
      { id: 1, amount: "1.500", at: new Date("2024-01-01T10:00:00Z"), note: "a" },
      { id: 2, amount: null, at: new Date("2024-01-02T00:00:00Z"), note: "" },
    ]);
    expect((await project([orders()], "other cache").build()).skipped).toMatchObject([{ version: "1.0.0", reason: "nothing changed" }]);
    server.psql("update orders set note = null where id = 2");
    expect((await defs.plan()).features).toMatchObject([{ action: "build", next: "1.0.1", why: "the source data changed" }]);
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1" }]);
    expect(await rowsOf(defs)).toMatchObject([{ note: "a" }, { note: null }]);
  });

  it("takes rows that only moved for the same rows", async () => {
    await project([orders()]).build();
    server.psql("update orders set note = note; create index on orders (amount desc nulls first); cluster orders using orders_amount_idx");
    expect((await project([orders()]).build()).skipped).toMatchObject([{ reason: "nothing changed" }]);
  });

  it("reads a query with declared columns, and publishes a minor version when the query is another", async () => {
    const columns = { id: t.int64(), at: t.timestamp(), spent: t.decimal(18, 3) };
    const read = (query: string) =>
      feature({ name: "spend", source: source({ name: "orders", connector, query, columns, timestamp: "at" }), entities: [user] });
    const query = "select id, at, sum(amount) as spent, 'x' as extra from orders group by 1, 2; -- in a line";
    expect((await project([read(query.slice(0, query.indexOf(";")))]).build()).failed).toEqual([]);
    const { built } = await project([read("select id, at, amount as spent from orders where id = 1")]).build();
    expect(built).toMatchObject([{ version: "1.1.0", change: "minor", rows: 1 }]);
  });

  it("sees what a fingerprint query shows, and nothing else", async () => {
    const counted = { table: "orders", fingerprint: { query: "select count(*), max(at) from orders" } } as const;
    await project([orders(counted)]).build();
    server.psql("update orders set note = 'other' where id = 2");
    expect((await project([orders(counted)]).build()).skipped).toHaveLength(1);
    server.psql("insert into orders values (3, 3, now(), 'c')");
    expect((await project([orders(counted)]).build()).built).toMatchObject([{ version: "1.0.1", rows: 3 }]);
  });

  it("refuses columns that no kind holds, and declared ones of another type, all at once", async () => {
    const { failed } = await project([orders({ query: "select id, at, now() - at as age, amount + 1 as more from orders" })]).build();
    expect(failed.map(({ error }) => error.message)).toEqual([
      'source "orders" (postgres query: select id, at, now() - at as age, amount + 1 as more from orders): no column type can hold "age", which is interval; its length depends on the calendar; convert it in the query: extract(epoch from duration); no column type can hold "more", which is numeric; it has as many digits as each value needs; declare how many with t.decimal(18, 4), which refuses longer values, or convert it in the query: amount::numeric(18, 4)',
    ]);
    const columns = { id: t.string(), at: t.date(), amount: t.float64(), nots: t.string() };
    const declared = feature({ name: "spend", source: source({ name: "orders", connector, table: "orders", columns }), entities: [user] });
    const result = await project([declared]).build();
    expect(result.failed[0]?.error).toMatchObject({
      code: "SCHEMA_MISMATCH",
      details: {
        problems: [
          'column "at" is timestamp with time zone, which date does not hold exactly; fix the declared column, or convert it in the query',
          'column "amount" is numeric(12,3), which float64 does not hold exactly; fix the declared column, or convert it in the query',
          'the query has no column "nots"; did you mean "note"?',
        ],
      },
    });
  });

  it("gives labels in the order of their query, with a lock that holds them to their rows", async () => {
    await project([orders()]).build();
    const labels = source({
      name: "labels",
      connector,
      query: "select id, '2024-02-01'::timestamp as at from generate_series(3, 1, -1) id",
    });
    const defs = project([orders()]);
    const training = await defs.getTrainingData({ labels, timestamp: "at", features: ["spend"] });
    const rows: unknown[] = [];
    for await (const row of training.rows()) rows.push(row);
    expect(rows).toMatchObject([
      { id: 3, amount: null },
      { id: 2, note: "" },
      { id: 1, amount: "1.500" },
    ]);
    const lock = JSON.parse(JSON.stringify(training.lock));
    await expect(defs.getTrainingData({ lock })).rejects.toMatchObject({ code: "LABELS_INVALID" });
    await expect(defs.getTrainingData({ lock, labels })).resolves.toBeDefined();
    const table = source({ name: "labels", connector, query: "select id, at from orders" });
    const second = await defs.getTrainingData({ labels: table, timestamp: "at", features: ["spend"] });
    server.psql("delete from orders where id = 1");
    await expect(defs.getTrainingData({ lock: second.lock, labels: table })).rejects.toMatchObject({ code: "LOCK_MISMATCH" });
    await defs[Symbol.asyncDispose]();
  });

  it("writes and prints its password nowhere, also where the server refuses it", async () => {
    const { host, port, database } = server;
    const secret = "s3cr%t/p@ss:w?rd#";
    const url = `postgres://${server.user}:${encodeURIComponent(secret)}@${host}:${port}/${database}`;
    const secrets = [secret, encodeURIComponent(secret), server.password];
    const logins = [postgres({ url }), postgres({ host, port, user: server.user, password: async () => secret, database }), connector];
    for (const login of logins) {
      const read = source({ name: "orders", connector: login, table: "orders", timestamp: "at" });
      const defs = project([feature({ name: "spend", source: read, entities: [user] })]);
      const told = [
        await defs.plan(),
        await defs.build(),
        await defs.describeSources(),
        await defs.preview("spend").catch((error) => error),
      ];
      const texts = [defs, login, ...told].flatMap((each) => [
        inspect(each, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null }),
        JSON.stringify(each),
        String(each),
      ]);
      const paths = await readdir(folder, { recursive: true, withFileTypes: true });
      for (const path of paths) if (path.isFile()) texts.push(path.name, await readFile(join(path.parentPath, path.name), "latin1"));
      for (const text of texts) for (const each of secrets) expect(text ?? "").not.toContain(each);
    }
  });
});
