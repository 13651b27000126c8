import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import { describeConnector, type TestDatabase, type TestRow } from "@mlforge/testkit/connector";
import pg from "pg";
import { afterAll, beforeAll, describe, it } from "vitest";
import { postgres } from "../src/index.js";

describeWith("postgres", "the PostgreSQL connector", () => {
  const engine = new DuckDBEngine({ threads: 1 });
  let server: Postgres;
  let client: pg.Client;

  beforeAll(async () => {
    server = await startPostgres();
    client = new pg.Client(server);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await engine[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function open(): Promise<TestDatabase> {
    const { host, port, user, password, database } = server;
    const wrong = "wrong-battery";
    return {
      connector: postgres({ host, port, user, password, database }),
      refused: postgres({ url: `postgres://${user}:${wrong}@${host}:${port}/${database}` }),
      secrets: [password, wrong],
      write: async (table, rows) => {
        const values = rows.map((row) => `(${valuesOf(row).join(", ")})`).join(", ");
        // Tables are created and filled by one transaction, and replaced by emptying them in another.
        await client.query(`BEGIN; CREATE TABLE IF NOT EXISTS ${table} (${types}); DELETE FROM ${table};
          ${rows.length === 0 ? "" : `INSERT INTO ${table} VALUES ${values};`} COMMIT`);
      },
      all: (table) => ({ kind: "table", name: table }),
      count: (table) => `SELECT count(*) FROM ${table}`,
      endless: { kind: "query", text: "SELECT repeat('x', 1000) AS text, generate_series(1, 1000000000)" },
      working: async () => {
        const { rows } = await client.query("SELECT FROM pg_stat_activity WHERE application_name = 'mlforge'");
        return rows.length;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  describeConnector({ describe, it }, "postgres()", { engine, open });
});

const types = "place int8, text text, amount numeric(18, 4), timestamp timestamptz, flag boolean, number float8, day date, raw bytea";

function valuesOf({ place, text, amount, timestamp, flag, number, day, raw }: TestRow): readonly string[] {
  return [
    `'${place}'`,
    or(text, (value) => `'${value.replaceAll("'", "''")}'`),
    or(amount, (value) => value),
    or(timestamp, (value) => `timestamptz 'epoch' + ${value / 1_000_000n} * interval '1 s' + ${value % 1_000_000n} * interval '1 us'`),
    or(flag, String),
    or(number, (value) => `'${value}'`),
    or(day, (value) => `date '1970-01-01' + ${value}`),
    or(raw, (value) => `'\\x${Buffer.from(value).toString("hex")}'`),
  ];
}

function or<T>(value: T | null, literal: (value: T) => string): string {
  return value === null ? "NULL" : literal(value);
}
