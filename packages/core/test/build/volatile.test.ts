import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { batches, Definitions, feature, type SqlOptions, source, sql, t } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-volatile-"));
  await writeFile(join(folder, "users.csv"), "user\na\nb\n");
});
afterEach(() => rm(folder, { recursive: true }));

const columns = { user: t.string(), value: t.string() };
const random = "SELECT user, uuid()::VARCHAR AS value FROM source";

function project(options: Partial<SqlOptions<typeof columns>>): Definitions {
  const users = source({ path: join(folder, "users.csv"), columns: { user: t.string() } });
  const transform = sql({ query: random, columns, ...options });
  const f = feature({ name: "f", source: users, keys: ["user"], transform });
  return new Definitions({ name: "test", features: [f], offlineStore: new LocalStore(join(folder, "store")), engine });
}

describe("a volatile feature", () => {
  it("says so, and without that it is refused and nothing is published", async () => {
    const error = { code: "DEFINITION_INVALID", message: expect.stringMatching(/uuid\(\), whose result changes .* volatile: true/) };
    const plan = await project({}).plan();
    expect(plan.features).toMatchObject([{ action: "fail", feature: "f", error }]);
    const { failed } = await project({}).build();
    expect(failed).toMatchObject([{ error }]);
    expect(await project({}).versions.list("f")).toMatchObject({ versions: [] });
    const defs = project({ volatile: true });
    expect((await defs.plan()).features).toMatchObject([{ action: "build", volatile: true }]);
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.0", volatile: true }]);
    const metadata = await defs.versions.inspect("f");
    expect(metadata.volatile).toBe(true);
    expect(metadata.logic).toContain("sql, volatile");
  });

  it("is refused by the plan for whatever a build would refuse in its query, without reading its data", async () => {
    const messages = async (query: string): Promise<unknown> =>
      (await project({ query }).plan()).features.map((plan) => (plan.action === "fail" ? plan.error.message : plan.action));
    expect(await messages("SELECT user, user AS value FROM source")).toEqual(["build"]);
    expect(await messages("SELECT user, usr AS value FROM source")).toEqual([expect.stringContaining("usr")]);
    expect(await messages("SELECT user, 'x' AS value FROM users")).toEqual([
      expect.stringContaining('reads "users", which is not one of its inputs (source)'),
    ]);
    await project({ query: "SELECT user, user AS value FROM source" }).build();
    expect(await messages("SELECT user, user AS value FROM source")).toEqual(["skip"]);
    expect(await messages("SELECT user, count(*) AS value FROM source")).toEqual([expect.stringMatching(/GROUP BY/i)]);
  });

  it("is built again only by force, and then has other rows", async () => {
    const defs = project({ volatile: true });
    await defs.build();
    expect((await defs.build()).skipped).toMatchObject([{ reason: "nothing changed" }]);
    expect((await defs.build({ force: true })).built).toMatchObject([{ version: "1.0.1" }]);
    expect(await defs.versions.diff("f")).toMatchObject({ data: { kind: "compared", rows: { changed: 2 } } });
  });

  it("cannot be rebuilt, and the reason is given", async () => {
    const defs = project({ volatile: true });
    await defs.build();
    await rm(join(folder, "store", "f", "1.0.0", "data.parquet"));
    expect((await defs.sync()).failed).toMatchObject([
      { error: { code: "SYNC_MISMATCH", details: { problems: [expect.stringContaining("differ"), expect.stringContaining("volatile")] } } },
    ]);
  });

  it("is another definition than one that is not", async () => {
    const query = "SELECT user, user AS value FROM source";
    const [built] = (await project({ query }).build()).built;
    expect(built).toMatchObject({ volatile: false });
    expect(await project({ query }).versions.inspect("f")).not.toHaveProperty("volatile");
    expect((await project({ query, volatile: false }).build()).skipped).toHaveLength(1);
    expect((await project({ query, volatile: true }).build()).built).toMatchObject([{ version: "1.1.0" }]);
  });

  it("can be a function over batches", async () => {
    const users = source({ path: join(folder, "users.csv"), columns: { user: t.string() } });
    const transform = batches({ columns: { user: t.string() }, run: (rows) => rows, timeless: "rows stay", volatile: true });
    const f = feature({ name: "f", source: users, keys: ["user"], transform });
    const defs = new Definitions({ name: "test", features: [f], offlineStore: new LocalStore(join(folder, "store")), engine });
    expect((await defs.plan()).features).toMatchObject([{ volatile: true }]);
  });

  it("declares it with true", () => {
    // @ts-expect-error volatile is no word
    expect(() => sql({ query: random, columns, volatile: "yes" })).toThrow("expected true or false");
  });
});

describe("a query that reads more than its inputs", () => {
  it.each(["(SELECT content FROM read_text('/etc/hostname'))", "(SELECT max(v) FROM other)"])("fails the build: %s", async (value) => {
    const { failed } = await project({ query: `SELECT user, ${value} AS value FROM source`, volatile: true }).build();
    expect(failed).toMatchObject([{ error: { code: "DEFINITION_INVALID", message: expect.stringContaining("declare") } }]);
  });
});
