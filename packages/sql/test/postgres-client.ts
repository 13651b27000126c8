import { type Postgres, startPostgres } from "@mlforge/test-servers";
import { Client } from "pg";
import { afterAll, beforeAll } from "vitest";

/** Starts PostgreSQL for the tests of a file, and returns a function that returns a client of it. */
export function postgresClient(): () => Client {
  let server: Postgres;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres();
    const { host, port, user, password, database } = server;
    client = new Client({ host, port, user, password, database });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await server[Symbol.asyncDispose]();
  });
  return () => client;
}
