import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { type Connector, isMlforgeError, type ReadRequest, type Schema } from "@mlforge/spec";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { postgres } from "../src/index.js";

const text: Schema = [{ name: "value", kind: "string", nullable: true }];

describeWith("postgres", "reading from PostgreSQL", () => {
  let server: Postgres;
  let folder: string;
  let file: string;
  let connector: Connector;

  beforeAll(async () => {
    server = await startPostgres();
    connector = login(server);
    folder = await mkdtemp(join(tmpdir(), "mlforge-postgres-test-"));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    file = join(await mkdtemp(join(folder, "case-")), "rows");
  });

  function login({ host, port, user, password, database }: Postgres): Connector {
    return postgres({ host, port, user, password, database });
  }

  function request(query: string, columns: Schema = text): ReadRequest {
    return { source: "orders", query: { kind: "query", text: query }, columns, fingerprint: { kind: "rows" } };
  }

  /** What the server does for connectors now. */
  function working(): string {
    return server.psql("select pid, state, query from pg_stat_activity where application_name = 'mlforge'");
  }

  it("keeps null, the empty text and whatever CSV has a meaning for apart, also in a single column", async () => {
    const values = [null, "", " ", '"', '""', "\\.", "\\N", "NULL", "a,b", "line\nbreak", "\r", "\r\n", "# no comment", "ü🦔", "'", "\t"];
    server.psql("drop table if exists texts; create table texts (place int, value text)");
    for (const [place, value] of values.entries()) {
      const literal = value === null ? "null" : `convert_from('\\x${Buffer.from(value).toString("hex")}', 'UTF8')`;
      server.psql(`insert into texts values (${place}, ${literal})`);
    }
    const read = await connector.read(request("select value from texts order by place"), file);
    expect(read.rows).toBe(values.length);
    expect(parseCsv(await readFile(file, "utf8")).map(([value]) => value)).toEqual(["value", ...values]);
  });

  it("ends the query of the server where a read is aborted, and leaves no process behind", async () => {
    const controller = new AbortController();
    const endless = "select repeat('x', 1000) as value, generate_series(1, 1000000000)";
    const reading = connector.read({ ...request(endless), fingerprint: { kind: "query", text: "select 1" } }, file, {
      signal: controller.signal,
      onProgress: (bytes) => {
        if (bytes > 1_000_000) controller.abort(new Error("enough"));
      },
    });
    await expect(reading).rejects.toThrow("enough");
    expect(working()).toBe("");
  });

  it.each(["describe", "fingerprint", "read"] as const)("ends a %s that sends nothing yet where it is aborted", async (method) => {
    const controller = new AbortController();
    // The planner runs a function that it takes for constant, so that describing it also waits.
    server.psql("create or replace function forever() returns text language sql immutable as $$ select pg_sleep(3600)::text $$");
    const asked = request("select forever() as value");
    const { signal } = controller;
    const call =
      method === "describe"
        ? connector.describe(asked, { signal })
        : method === "fingerprint"
          ? connector.fingerprint(asked, { signal })
          : connector.read(asked, file, { signal });
    const outcome = call.then(
      () => "resolved",
      (error: unknown) => error,
    );
    while (!working().includes("forever()")) await new Promise(setImmediate);
    controller.abort(new Error("enough"));
    expect(await outcome).toMatchObject({ message: "enough" });
    expect(working()).toBe("");
  });

  it("gives up a login that is aborted while it waits", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const controller = new AbortController();
    const connected = once(silent, "connection");
    const reading = postgres({ host: "127.0.0.1", port: address.port }).read(request("select 1"), file, { signal: controller.signal });
    const outcome = expect(reading).rejects.toThrow("enough");
    const [socket] = await connected;
    controller.abort(new Error("enough"));
    await outcome;
    await once(socket, "close");
    silent.close();
  });

  it("does not connect where it was aborted before", async () => {
    const signal = AbortSignal.abort(new Error("before"));
    await expect(postgres({ host: "127.0.0.1", port: 1 }).read(request("select 1"), file, { signal })).rejects.toThrow("before");
  });

  it("reads rows and fingerprint of one moment while others write", async () => {
    server.psql(
      "drop table if exists moving; create table moving (value text); insert into moving select g::text from generate_series(1, 5000) g",
    );
    const fingerprints = new Map<number, string>();
    let done = false;
    const writers = (async () => {
      for (let round = 0; !done; round++) {
        // One statement, so that a moment has all of its rows or none.
        server.psql(`insert into moving select 'x' || g from generate_series(1, ${100 + round}) g`);
        await new Promise(setImmediate);
      }
    })();
    for (let round = 0; round < 3; round++) {
      const target = `${file}-${round}`;
      const { rows, fingerprint } = await connector.read(request("select value from moving"), target);
      expect((await readFile(target, "utf8")).trimEnd().split("\n")).toHaveLength(rows + 1);
      // The checksum has the number of rows in front.
      expect(fingerprint).toContain(`"${rows} `);
      fingerprints.set(rows, fingerprint);
    }
    done = true;
    await writers;
    const { rows, fingerprint } = await connector.read(request("select value from moving"), `${file}-last`);
    expect(await connector.fingerprint(request("select value from moving order by random()"))).toBe(fingerprint);
    expect(fingerprints.get(rows) ?? fingerprint).toBe(fingerprint);
  });

  it.each([
    ["a value changes", "update marked set value = 'B' where place = 2"],
    ["null becomes empty", "update marked set value = '' where value is null"],
    ["a row is there twice", "insert into marked select * from marked where place = 1"],
    ["a row is gone", "delete from marked where place = 1"],
    ["two rows swap a value", "update marked set value = case place when 1 then 'b' else 'a' end where place < 3"],
  ])("gives another fingerprint where %s", async (_, change) => {
    server.psql(
      "drop table if exists marked; create table marked (place int, value text); insert into marked values (1, 'a'), (2, 'b'), (3, null)",
    );
    const columns: Schema = [{ name: "place", kind: "int32", nullable: true }, ...text];
    const before = await connector.fingerprint(request("select * from marked", columns));
    server.psql(change);
    expect(await connector.fingerprint(request("select * from marked", columns))).not.toBe(before);
  });

  it("refuses a fingerprint query without rows, and one that gives the rows themselves", async () => {
    const given = (sql: string): Promise<string> =>
      connector.fingerprint({ ...request("select 'a' as value"), fingerprint: { kind: "query", text: sql } });
    await expect(given("select 1 where false")).rejects.toThrow("its fingerprint query returned no row");
    await expect(given("select generate_series(1, 1001)")).rejects.toThrow("its fingerprint query returned more than 1000 rows");
    await expect(given("select count(*), now() - now(), null from generate_series(1, 9);")).resolves.toBe('[["9","PT0S",null]]');
  });

  it("reads tables by name, whatever their names have in them", async () => {
    server.psql(
      'create schema "odd ""schema"; create table "odd ""schema"."tab le" ("va""lue" text); insert into "odd ""schema"."tab le" values (\'x\')',
    );
    const columns: Schema = [{ name: 'va"lue', kind: "string", nullable: true }];
    const query = { kind: "table", name: 'odd "schema.tab le' } as const;
    expect((await connector.describe({ source: "odd", query })).columns).toEqual(columns);
    expect((await connector.read({ ...request(""), query, columns }, file)).rows).toBe(1);
    const missing = { kind: "table", name: "public.orders; drop table texts" } as const;
    await expect(connector.describe({ source: "odd", query: missing })).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringContaining('relation "public.orders; drop table texts" does not exist'),
    });
  });

  it.each([
    ["select 1 as value; select 2 as value", "syntax error"],
    ["delete from texts returning *", "syntax error"],
    ["select nextval('counter')::text as value", "cannot execute nextval() in a read-only transaction"],
    ["select 1 as value, 2 as value", 'several columns named "value"'],
    ["select nothing from nowhere", 'relation "nowhere" does not exist'],
    ["select 1 / 0 as value", "division by zero"],
  ])("refuses %s, and changes nothing", async (query, message) => {
    server.psql("create sequence if not exists counter; create table if not exists texts (place int, value text)");
    const state = (): string => server.psql("select count(*) from texts; select last_value, is_called from counter");
    const before = state();
    await expect(connector.read(request(query), file)).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringContaining(message),
    });
    expect(state()).toBe(before);
  });

  it("is ended by the statement timeout it was given, and says so", async () => {
    const { host, port, user, password, database } = server;
    const hasty = postgres({ host, port, user, password, database, statementTimeout: 50 });
    await expect(hasty.read(request("select pg_sleep(60)::text as value"), file)).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringContaining("raise statementTimeout"),
    });
  });

  describe("without a login that works", () => {
    async function failureOf(connecting: Connector): Promise<unknown> {
      return await connecting.fingerprint(request("select value from secret_rows")).catch((error: unknown) => error);
    }

    it("tells a wrong password, a missing permission and an absent server apart, and holds no secret", async () => {
      const { host, port, database } = server;
      server.psql(
        "create table if not exists secret_rows (value text); drop role if exists reader; create role reader login password 'hunter2-hunter2'",
      );
      const wrong = "wr0ng-passw0rd";
      const cases = [
        [
          postgres({ url: `postgres://reader:${wrong}@${host}:${port}/${database}` }),
          "SOURCE_ACCESS_DENIED",
          "password authentication failed",
        ],
        [
          postgres({ host, port, user: "reader", password: () => wrong, database }),
          "SOURCE_ACCESS_DENIED",
          "check the user and the password",
        ],
        [
          postgres({ host, port, user: "reader", password: "hunter2-hunter2", database }),
          "SOURCE_ACCESS_DENIED",
          "permission denied for table",
        ],
        [postgres({ host, port: 1, user: "reader", password: wrong, database }), "SOURCE_UNAVAILABLE", "ECONNREFUSED"],
        [postgres({ host, port, user: "reader", password: "hunter2-hunter2", database: "none" }), "SOURCE_UNREADABLE", "does not exist"],
        [postgres({ host, port, user: "reader", password: wrong, database, ssl: true }), "SOURCE_UNREADABLE", "does not support SSL"],
      ] as const;
      for (const [connecting, code, message] of cases) {
        const error = await failureOf(connecting);
        expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
        const told = inspect([error, connecting], { depth: 20, showHidden: true }) + JSON.stringify([error, connecting]);
        for (const secret of [wrong, "hunter2-hunter2"]) expect(told).not.toContain(secret);
      }
    });

    it("never repeats a connection string, also one that is none", async () => {
      for (const url of ["host=db password=hunter2-hunter2", "postgres://u:hunter2-hunter2@[bad", "mysql://u:hunter2-hunter2@h/d"]) {
        const error = await failureOf(postgres({ url }));
        expect(error).toMatchObject({ code: "USAGE_INVALID" });
        expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hunter2");
      }
      delete process.env.MLFORGE_TEST_URL;
      expect(await failureOf(postgres({ env: "MLFORGE_TEST_URL" }))).toMatchObject({ code: "ENVIRONMENT_MISSING" });
      expect(() => postgres({ env: "A", url: "postgres://h/d" })).toThrow("give one of the three");
    });
  });

  it("fails where the server dies in the middle, and resolves with no part of the rows", async () => {
    const own = await startPostgres();
    try {
      const endless = request("select repeat('x', 1000) as value, generate_series(1, 1000000000)");
      let crashed = false;
      const reading = login(own).read({ ...endless, fingerprint: { kind: "query", text: "select 1" } }, file, {
        onProgress: (bytes) => {
          if (bytes < 1_000_000 || crashed) return;
          crashed = true;
          own.crash();
        },
      });
      const error = await reading.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(isMlforgeError(error, "SOURCE_UNAVAILABLE")).toBe(true);
      expect((await stat(file)).size).toBeGreaterThan(0);
      expect(await readdir(join(file, ".."))).toEqual(["rows"]);
    } finally {
      await own[Symbol.asyncDispose]();
    }
  });
});

/** The records of RFC 4180 text; a field without quotes and characters is null. */
function parseCsv(csv: string): (string | null)[][] {
  const records: (string | null)[][] = [];
  let rest = csv;
  while (rest !== "") {
    const record: (string | null)[] = [];
    for (;;) {
      const [field = "", quoted, plain = ""] = /^(?:"((?:[^"]|"")*)"|([^",\n]*))/.exec(rest) ?? [];
      record.push(quoted?.replaceAll('""', '"') ?? (plain === "" ? null : plain));
      rest = rest.slice(field.length);
      const separator = rest[0];
      rest = rest.slice(1);
      if (separator !== ",") break;
    }
    records.push(record.slice(0, 1));
  }
  return records;
}
