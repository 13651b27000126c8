import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { type ErrorCode, isMlforgeError, MlforgeError } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, Definitions, feature, source, sql, t } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
let store: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-bad-"));
  store = join(folder, "store");
  await writeFile(
    join(folder, "events.csv"),
    "user,amount,at\na,1,2026-01-01T00:00:00Z\na,2,2026-01-02T00:00:00Z\nb,3,2026-01-02T00:00:00Z\n,4,2026-01-03T00:00:00Z\n",
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const columns = { user: t.string(), amount: t.int64(), at: t.timestamp() };
const events = (): ReturnType<typeof source<typeof columns>> => source({ path: join(folder, "events.csv"), columns });

async function failureOf(made: AnyFeature, options: { version?: string } = {}): Promise<MlforgeError> {
  const defs = new Definitions({ name: "bad", features: [made], offlineStore: new LocalStore(store), engine });
  const { failed, built } = await defs.build(options);
  expect(built).toEqual([]);
  if (failed[0] === undefined) throw new Error("it did not fail");
  return failed[0].error;
}

function thrown(define: () => unknown): MlforgeError {
  try {
    define();
  } catch (error) {
    if (isMlforgeError(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

/** One error of this code whose message holds every part, and a store in which nothing was written. */
async function expectRefusal(error: MlforgeError, code: ErrorCode, ...parts: readonly string[]): Promise<void> {
  expect(error.code).toBe(code);
  for (const part of parts) expect(error.message).toContain(part);
  expect(error.message).not.toContain("\n    at ");
  const written = existsSync(store) ? await readdir(store) : [];
  expect(written.filter((name) => name !== ".mlforge")).toEqual([]);
}

describe("definitions", () => {
  it("with an unknown column name the nearest", async () => {
    const define = (): unknown =>
      feature({
        name: "x",
        source: events(),
        keys: ["user"],
        // @ts-expect-error a misspelt column
        transform: (rows) => rows.filter((row) => row.amuont.gt(1)),
      });
    await expectRefusal(thrown(define), "DEFINITION_INVALID", "amuont", 'did you mean "amount"');
  });

  it("with an unknown key name the nearest", async () => {
    // @ts-expect-error a misspelt key
    const error = thrown(() => feature({ name: "x", source: events(), keys: ["usr"] }));
    await expectRefusal(error, "DEFINITION_INVALID", "usr", 'did you mean "user"');
  });

  it("without keys are refused", async () => {
    await expectRefusal(
      thrown(() => feature({ name: "x", source: events(), keys: [] })),
      "DEFINITION_INVALID",
      "key",
    );
  });

  it.each(["a/b", "..", "../x", "", "1a", "a b", "a".repeat(300), "a\0", "ä", "CON ", "a;drop"])("refuse the name %j", async (name) => {
    await expectRefusal(
      thrown(() => feature({ name, source: events(), keys: ["user"] })),
      "DEFINITION_INVALID",
    );
  });

  it("of two features of one name are refused", async () => {
    const one = feature({ name: "same", source: events(), keys: ["user"] });
    const two = feature({ name: "same", source: events(), keys: ["user", "amount"] });
    const define = (): unknown => new Definitions({ name: "bad", features: [one, two], offlineStore: new LocalStore(store) });
    await expectRefusal(thrown(define), "DEFINITION_INVALID", "same");
  });

  it("report every problem at once", async () => {
    // @ts-expect-error a key that does not exist
    const error = thrown(() => feature({ name: "a/b", source: events(), keys: ["usr"], timestamp: "amount" }));
    if (!isMlforgeError(error, "DEFINITION_INVALID")) throw error;
    expect(error.details.issues.length).toBeGreaterThanOrEqual(3);
    await expectRefusal(error, "DEFINITION_INVALID");
  });
});

describe("sources", () => {
  it("that are missing are named", async () => {
    const made = feature({ name: "x", source: source({ path: join(folder, "none.parquet"), columns }), keys: ["user"] });
    await expectRefusal(await failureOf(made), "SOURCE_NOT_FOUND", "none.parquet");
  });

  it("that a glob does not find are named", async () => {
    const made = feature({ name: "x", source: source({ path: join(folder, "*.parquet"), name: "all", columns }), keys: ["user"] });
    await expectRefusal(await failureOf(made), "SOURCE_NOT_FOUND", "*.parquet");
  });

  it("that a transform creates each time it runs are refused", async () => {
    await writeFile(join(folder, "other.csv"), "user,gate\na,1\n");
    const own = source({ path: join(folder, "other.csv"), name: "own", columns: { user: t.string() } });
    const made = feature({
      name: "x",
      source: own,
      keys: ["user"],
      transform: (rows, from) => rows.join(from(source({ path: join(folder, "other.csv"), name: "anew" })), { on: "user" }),
    });
    await expectRefusal(await failureOf(made), "DEFINITION_INVALID", '"anew" again each time', "outside the transform");
  });

  it("that are folders ask for a glob", async () => {
    await mkdir(join(folder, "parts.parquet"));
    const made = feature({ name: "x", source: source({ path: join(folder, "parts.parquet"), columns }), keys: ["user"] });
    await expectRefusal(await failureOf(made), "SOURCE_UNREADABLE", "parts.parquet/*.parquet");
  });

  it.each([
    ["declared", columns],
    ["inferred", undefined],
  ])("that are not Parquet are refused with %s columns", async (_, declared) => {
    await writeFile(join(folder, "fake.parquet"), "this is no parquet file, whatever its name says");
    const made = feature({ name: "x", source: source({ path: join(folder, "fake.parquet"), columns: declared }), keys: ["user"] });
    await expectRefusal(await failureOf(made), "SOURCE_UNREADABLE", "fake.parquet");
  });

  it.each(["csv", "parquet", "ndjson"])("that are empty are told as such (%s)", async (extension) => {
    const path = join(folder, `empty.${extension}`);
    await writeFile(path, "");
    const made = feature({ name: "x", source: source({ path, columns }), keys: ["user"] });
    await expectRefusal(await failureOf(made), "SOURCE_UNREADABLE", `source "empty": "${path}" is empty (0 bytes)`);
  });

  it("whose columns are not the declared ones list every difference", async () => {
    const declared = { user: t.string(), amuont: t.int64(), day: t.date() };
    const made = feature({ name: "x", source: source({ path: join(folder, "events.csv"), columns: declared }), keys: ["user"] });
    await expectRefusal(await failureOf(made), "SCHEMA_MISMATCH", "amuont", "day");
  });
});

describe("keys", () => {
  it("that are null are shown", async () => {
    const made = feature({
      name: "x",
      source: events(),
      keys: ["user"],
      transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ sum: amount.sum() })),
    });
    await expectRefusal(await failureOf(made), "KEY_VIOLATION", "null", "user");
  });

  it("that are duplicated are shown", async () => {
    const made = feature({ name: "x", source: events(), keys: ["user"], transform: (rows) => rows.filter((row) => row.user.isNotNull()) });
    const error = await failureOf(made);
    await expectRefusal(error, "KEY_VIOLATION", "user=a");
    if (!isMlforgeError(error, "KEY_VIOLATION")) throw error;
    expect(error.details).toMatchObject({ nulls: [], duplicates: [{ user: "a" }] });
  });

  it("that break their uniqueness are shown once each, with their rows, those of most rows first", async () => {
    const rows = ["u0", "u1", "u0", "", "u0", "u2", "u1", ""].map((user, index) => `${user},${index},2026-01-01T00:00:00Z\n`);
    await writeFile(join(folder, "events.csv"), `user,amount,at\n${rows.join("")}`);
    const error = await failureOf(feature({ name: "x", source: events(), keys: ["user"] }));
    const shown =
      "rows with a null in user, such as (user=null) in 2 rows, and several rows for one user, such as (user=u0) in 3 rows, (user=u1) in 2 rows;";
    await expectRefusal(error, "KEY_VIOLATION", shown);
    expect(error.details).toMatchObject({ nulls: [{ user: null }], duplicates: [{ user: "u0" }, { user: "u1" }] });
  });

  it("are unique together with the timestamp", async () => {
    const timed = source({ path: join(folder, "events.csv"), columns, timestamp: "at" });
    const made = feature({ name: "x", source: timed, keys: ["user"], transform: (rows) => rows.filter((row) => row.user.isNotNull()) });
    const defs = new Definitions({ name: "good", features: [made], offlineStore: new LocalStore(store), engine });
    expect((await defs.build()).built).toMatchObject([{ rows: 3 }]);
  });
});

describe("versions", () => {
  const totals = (): AnyFeature =>
    feature({
      name: "totals",
      source: events(),
      keys: ["user"],
      transform: (rows) =>
        rows
          .filter((row) => row.user.isNotNull())
          .groupBy("user")
          .aggregate(({ amount }) => ({ sum: amount.sum() })),
    });

  it.each(["1.0", "v1.0.0", "../1.0.0", "1.0.0-rc", ""])("such as %j are refused before anything is done", async (version) => {
    const defs = new Definitions({ name: "bad", features: [totals()], offlineStore: new LocalStore(store), engine });
    const error = await defs.build({ version }).then(
      () => new Error("it was built"),
      (reason: unknown) => reason,
    );
    if (!isMlforgeError(error)) throw error;
    await expectRefusal(error, "VERSION_INVALID", JSON.stringify(version));
  });

  it("that exist are refused, and stay as they are", async () => {
    const defs = new Definitions({ name: "bad", features: [totals()], offlineStore: new LocalStore(store), engine });
    await defs.build({ version: "2.0.0" });
    const before = await defs.versions.inspect("totals");
    const error = await failureOf(totals(), { version: "2.0.0" });
    expect(error.code).toBe("VERSION_EXISTS");
    expect(await defs.versions.inspect("totals")).toEqual(before);
    expect((await defs.versions.list("totals")).versions).toHaveLength(1);
  });
});

describe("transforms", () => {
  it("whose integers overflow fail", async () => {
    const made = feature({
      name: "x",
      source: events(),
      keys: ["user"],
      transform: (rows) =>
        rows
          .filter((row) => row.user.isNotNull())
          .groupBy("user")
          .aggregate(({ amount }) => ({ sum: amount.times(9_007_199_254_740_991).times(2_000).sum() })),
    });
    await expectRefusal(await failureOf(made), "ARITHMETIC_OVERFLOW");
  });

  it.each([
    ["is no SQL", "SELEC user FROM source", "TRANSFORM_FAILED"],
    ["is two statements", "SELECT user, amount FROM source; DROP TABLE x", "TRANSFORM_FAILED"],
    ["gives other columns", "SELECT user FROM source", "SCHEMA_MISMATCH"],
  ] as const)("whose query %s fail", async (_, query, code) => {
    const made = feature({
      name: "x",
      source: events(),
      keys: ["user"],
      transform: sql({ query, columns: { user: t.string(), amount: t.int64() } }),
    });
    await expectRefusal(await failureOf(made), code);
  });
});

describe("stores", () => {
  it("that cannot be written to are named", async () => {
    await writeFile(store, "a file stands where the folder should");
    const made = feature({
      name: "x",
      source: events(),
      keys: ["user", "amount"],
      transform: (rows) => rows.filter((row) => row.user.isNotNull()),
    });
    const defs = new Definitions({ name: "bad", features: [made], offlineStore: new LocalStore(store), engine });
    const { failed } = await defs.build();
    expect(failed).toHaveLength(1);
    expect(failed[0]?.error).toBeInstanceOf(MlforgeError);
    expect(["STORE_ACCESS_DENIED", "STORE_UNAVAILABLE"]).toContain(failed[0]?.error.code);
    expect(failed[0]?.error.message).toContain(store);
  });
});
