import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyFeature, batches, Definitions, entity, feature, source, sql, surrogateKey, t } from "../../src/index.js";
import { issuesOf } from "../define/issues-of.js";

const engine = new DuckDBEngine({ threads: 1 });
const user = entity({ name: "user", joinKey: "user_id", from: { first: t.string(), last: t.string(), dob: t.date() } });
const people = [
  { first: "Ada", last: "Lovelace", dob: "1815-12-10" },
  { first: "AdaL", last: "ovelace", dob: "1815-12-10" },
  { first: "Zoë", last: "", dob: null },
];
const keys = people.map((person) => surrogateKey(user, person)).sort();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-keys-"));
  const lines = people.flatMap(({ first, last, dob }) => [1, 2].map((amount) => `${first},"${last}",${dob ?? ""},${amount}`));
  await writeFile(join(folder, "orders.csv"), `first,last,dob,amount\n${lines.join("\n")}\n`);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const columns = { first: t.string(), last: t.string(), dob: t.date(), amount: t.int64() };

function orders() {
  return source({ path: join(folder, "orders.csv"), columns });
}

async function rowsOf(made: AnyFeature): Promise<readonly unknown[]> {
  const offlineStore = new LocalStore(join(folder, "store"));
  const defs = new Definitions({ name: "keys", features: [made], offlineStore, engine, format: new ParquetFormat() });
  const { failed } = await defs.build();
  if (failed[0] !== undefined) throw failed[0].error;
  const rows = [];
  for await (const row of (await defs.readFeature(made.name, { version: "latest" })).rows()) rows.push(row);
  return rows;
}

describe("a feature about an entity whose key is made of other columns", () => {
  it("has the key that surrogateKey gives in its builder", async () => {
    const made = feature({
      name: "built",
      source: orders(),
      entities: [user],
      transform: (rows) => rows.groupBy("user_id").aggregate(({ amount, user_id }) => ({ spent: amount.sum(), longest: user_id.max() })),
    });
    expect(await rowsOf(made)).toEqual(keys.map((key) => ({ user_id: key, spent: 3, longest: key })));
  });

  it("has it in SQL", async () => {
    const query = "SELECT user_id, sum(amount) AS spent FROM source GROUP BY user_id";
    const transform = sql({ query, columns: { user_id: t.string({ nullable: false }), spent: t.int64() } });
    const made = feature({ name: "queried", source: orders(), entities: [user], transform });
    expect(await rowsOf(made)).toEqual(keys.map((key) => ({ user_id: key, spent: 3 })));
  });

  it("has it in functions over batches", async () => {
    const transform = batches({
      columns: { first: t.string(), last: t.string(), dob: t.date(), amount: t.int64(), user_id: t.string({ nullable: false }) },
      run: (input) => input,
    });
    const made = feature({ name: "looped", source: orders(), entities: [user, entity({ name: "amount", keys: ["amount"] })], transform });
    const rows = await rowsOf(made);
    expect(rows).toMatchObject(keys.flatMap((key) => [1, 2].map((amount) => ({ user_id: key, amount }))));
  });

  it("has it beside all columns of its source where nothing is transformed", async () => {
    const made = feature({ name: "plain", source: orders(), entities: [user, entity({ name: "amount", keys: ["amount"] })] });
    expect((await rowsOf(made)).length).toBe(6);
    expect(Object.keys(Object(await rowsOf(made).then(([row]) => row)))).toEqual(["first", "last", "dob", "amount", "user_id"]);
  });

  it("has it where the source declares no columns", async () => {
    const made = feature({
      name: "found",
      source: source({ path: join(folder, "orders.csv") }),
      entities: [user],
      transform: (rows) => rows.groupBy("user_id").aggregate(({ amount }) => ({ spent: amount.sum() })),
    });
    expect(await rowsOf(made)).toEqual(keys.map((key) => ({ user_id: key, spent: 3 })));
  });

  it.each([
    ["lacks a column", { frist: t.string(), last: t.string(), dob: t.date() }, 'did you mean "frist"?'],
    ["has the join key already", { ...columns, user_id: t.string() }, 'already has a column "user_id"'],
    ["has a column of another kind", { ...columns, dob: t.timestamp() }, "date in the entity, which gives different keys"],
    ["has a column of floats", { ...columns, last: t.float64() }, "equal values may differ in their last bits; round or cast it first"],
  ])("is refused where its source %s", (_, declared, message) => {
    const wrong = source({ path: join(folder, "orders.csv"), columns: declared });
    const transform = sql({ query: "SELECT user_id FROM source", columns: { user_id: t.string() } });
    // @ts-expect-error some have no such column
    const define = (given: object): AnyFeature => feature({ name: "x", source: wrong, entities: [user], ...given });
    for (const given of [{}, { transform }]) {
      expect(issuesOf(() => define(given))).toContainEqual({
        path: expect.stringContaining("x."),
        message: expect.stringContaining(message),
      });
    }
  });
});
