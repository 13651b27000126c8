import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, Definitions, feature, source, sql, t } from "../../src/index.js";
import { issuesOf } from "../define/issues-of.js";
import { collect } from "../train/collect.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-as-of-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const orders = () =>
  source({
    path: join(folder, "orders.ndjson"),
    columns: { user: t.string(), at: t.timestamp(), amount: t.int64() },
    timestamp: "at",
  });
const plansColumns = { user: t.string(), since: t.timestamp(), plan: t.string() };
const plans = () => source({ path: join(folder, "plans.ndjson"), columns: plansColumns, timestamp: "since" });
const users = (isStatic = false) =>
  source({ path: join(folder, "users.ndjson"), columns: { user: t.string(), country: t.string() }, static: isStatic });

async function write(name: string, ...rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  await writeFile(join(folder, `${name}.ndjson`), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

function project(...features: readonly AnyFeature[]): Definitions {
  return new Definitions({ name: "shop", features: [...features], offlineStore: new LocalStore(join(folder, "store")), engine });
}

async function answer(defs: Definitions, at: string): Promise<unknown> {
  const training = await defs.getTrainingData({
    labels: [{ user: "u", label_at: new Date(at) }],
    timestamp: "label_at",
    features: ["spend"],
  });
  const [row] = await collect(training.rows());
  return row?.plan;
}

const january = { user: "u", since: "2024-01-01T00:00:00Z", plan: "free" };
const march = { user: "u", since: "2024-03-01T00:00:00Z", plan: "pro" };

describe("a join of two sources with timestamps", () => {
  beforeEach(() => write("orders", { user: "u", at: "2024-01-15T00:00:00Z", amount: 5 }));

  it("as of the row's own time gives a label of January the plan of January", async () => {
    const spend = feature({
      name: "spend",
      source: orders(),
      keys: ["user"],
      transform: (rows, from) => rows.asOfJoin(from(plans()), { on: "user" }),
    });
    await write("plans", january);
    const defs = project(spend);
    expect((await defs.build()).failed).toEqual([]);
    expect(await answer(defs, "2024-01-31T00:00:00Z")).toBe("free");
    await write("plans", january, march);
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1", notices: [] }]);
    expect(await answer(defs, "2024-01-31T00:00:00Z")).toBe("free");
  });

  it("as a plain join is refused with that advice", () => {
    const define = (): unknown =>
      feature({ name: "spend", source: orders(), keys: ["user"], transform: (rows, from) => rows.join(from(plans()), { on: "user" }) });
    expect(issuesOf(define)).toEqual([
      {
        path: "spend.transform",
        message:
          'join with "plans" on user includes rows of "plans" that are later than the row stamped "at"; use asOfJoin instead of join, or give the reason why later rows change nothing: join(..., { timeless: "the reason" }), or declare source "plans" static: true if its rows are valid at any time',
      },
    ]);
  });

  it("that is said to be timeless gives a label of January the plan of March, and is on record", async () => {
    const newest = feature({
      name: "spend",
      source: orders(),
      keys: ["user"],
      transform: (rows, from) =>
        rows.join(
          from(plans())
            .groupBy("user")
            .aggregate(({ plan, since }) => ({ plan: plan.lastBy(since) }), { timeless: "plans never change" }),
          { on: "user" },
        ),
    });
    await write("plans", january, march);
    const defs = project(newest);
    const planned = await defs.plan();
    const timeless = [{ step: 'groupBy("user")', reason: "plans never change" }];
    expect(planned.features).toMatchObject([{ timeless, notices: [] }]);
    expect((await defs.build()).failed).toEqual([]);
    expect(await answer(defs, "2024-01-31T00:00:00Z")).toBe("pro");
    expect((await defs.versions.inspect("spend")).timeless).toEqual(timeless);
  });
});

describe("an as-of join", () => {
  it("includes the exact timestamp, and leaves out what is as old as its ttl", async () => {
    const at = ["2024-01-01T00:00:00Z", "2024-01-01T23:59:59.999999Z", "2024-01-02T00:00:00Z", "2023-12-31T23:59:59Z"];
    await write("orders", ...at.map((each, amount) => ({ user: "u", at: each, amount })));
    await write("plans", january);
    const spend = feature({
      name: "spend",
      source: orders(),
      keys: ["user"],
      transform: (rows, from) => rows.asOfJoin(from(plans()), { on: "user", ttl: "1d" }),
    });
    const { rows } = await project(spend).preview("spend", { rows: 10 });
    expect(new Map(rows.map(({ amount, plan }) => [amount, plan]))).toEqual(
      new Map([
        [0, "free"],
        [1, "free"],
        [2, null],
        [3, null],
      ]),
    );
  });

  it("takes a day for its midnight, on either side", async () => {
    const days = source({
      path: join(folder, "days.ndjson"),
      columns: { user: t.string(), day: t.date(), rate: t.int64() },
      timestamp: "day",
    });
    await write("days", { user: "u", day: "2024-01-01", rate: 1 }, { user: "u", day: "2024-01-02", rate: 2 });
    await write("orders", { user: "u", at: "2024-01-01T23:00:00Z", amount: 5 }, { user: "u", at: "2024-01-02T00:00:00Z", amount: 6 });
    const rated = feature({
      name: "rated",
      source: orders(),
      keys: ["user"],
      transform: (rows, from) => rows.asOfJoin(from(days), { on: "user" }),
    });
    const dated = feature({
      name: "dated",
      source: days,
      keys: ["user"],
      transform: (rows, from) => rows.asOfJoin(from(orders()).select("user", "amount", "at"), { on: "user" }),
    });
    const defs = project(rated, dated);
    const read = async (name: string): Promise<unknown> =>
      [...(await defs.preview(name, { rows: 5 })).rows].sort((x, y) => Number(x.day) - Number(y.day));
    expect(await read("rated")).toEqual([
      { user: "u", at: new Date("2024-01-01T23:00:00Z"), amount: 5, day: new Date("2024-01-01"), rate: 1 },
      { user: "u", at: new Date("2024-01-02T00:00:00Z"), amount: 6, day: new Date("2024-01-02"), rate: 2 },
    ]);
    expect(await read("dated")).toEqual([
      { user: "u", day: new Date("2024-01-01"), rate: 1, amount: null, at: null },
      { user: "u", day: new Date("2024-01-02"), rate: 2, amount: 6, at: new Date("2024-01-02T00:00:00Z") },
    ]);
    expect((await defs.build()).failed).toEqual([]);
  });

  it("fails with the rows of which a sequence cannot tell the first", async () => {
    const order = { user: "u", at: "2024-01-15T00:00:00Z", amount: 5 };
    await write("orders", order, { ...order, amount: 6 }, { ...order, user: null });
    const visits = (name: string, thenBy: readonly "amount"[]) =>
      feature({
        name,
        source: orders(),
        keys: ["user", "amount"],
        transform: (rows) =>
          rows.filter(({ user }) => user.isNotNull()).sequence({ keys: ["user"], thenBy, columns: { visit: "rowNumber" } }),
      });
    const defs = project(visits("ties", []), visits("ordered", ["amount"]));
    const message =
      'the sequence of feature "ties" cannot tell which row comes first: several rows share user, at, such as (user=u, at=2024-01-15T00:00:00.000000Z) in 2 rows; name columns that order them: thenBy: ["id"], or remove equal rows with distinct()';
    const { failed, built } = await defs.build();
    expect(failed.map(({ error }) => [error.code, error.message])).toEqual([["KEY_VIOLATION", message]]);
    expect(built).toMatchObject([{ feature: "ordered", rows: 2 }]);
    await expect(defs.preview("ties")).rejects.toMatchObject({ code: "KEY_VIOLATION", message });
  });

  it("builds a union again if one of its sources changes", async () => {
    await write("orders", { user: "u", at: "2024-01-15T00:00:00Z", amount: 5 });
    await write("plans", january);
    const all = feature({
      name: "all",
      source: orders(),
      keys: ["user"],
      transform: (rows, from) => rows.select("user", "at").union(from(plans()).select("user", { at: "since" })),
    });
    const defs = project(all);
    expect((await defs.build()).built).toMatchObject([{ rows: 2 }]);
    expect((await defs.build()).built).toEqual([]);
    await write("plans", january, { ...january, since: "2024-02-01T00:00:00Z" });
    expect((await defs.build()).built).toMatchObject([{ rows: 3, change: "patch" }]);
  });

  it("fails with the rows where two are the newest", async () => {
    await write("orders", { user: "u", at: "2024-01-15T00:00:00Z", amount: 5 });
    await write(
      "plans",
      january,
      { ...january, plan: "pro" },
      { user: null, since: null, plan: "x" },
      { user: null, since: null, plan: "y" },
    );
    const spend = feature({
      name: "spend",
      source: orders(),
      keys: ["user"],
      transform: (rows, from) => rows.asOfJoin(from(plans()), { on: "user" }),
    });
    const defs = project(spend);
    const message =
      'the as-of join of feature "spend" with "plans" cannot tell which row is the newest: several rows share user, since, such as (user=u, since=2024-01-01T00:00:00.000000Z) in 2 rows; combine them into one row first: groupBy("user", "since").aggregate(...), or distinct() if they are equal';
    const { failed, built } = await defs.build();
    expect(built).toEqual([]);
    expect(failed.map(({ error }) => [error.code, error.message])).toEqual([["KEY_VIOLATION", message]]);
    await expect(defs.preview("spend")).rejects.toMatchObject({ code: "KEY_VIOLATION", message });
    const grouped = feature({
      name: "spend",
      source: orders(),
      keys: ["user"],
      transform: (rows, from) =>
        rows.asOfJoin(
          from(plans())
            .groupBy("user", "since")
            .aggregate(({ plan }) => ({ plan: plan.max() })),
          { on: "user" },
        ),
    });
    const fixed = project(grouped);
    expect((await fixed.build()).failed).toEqual([]);
    expect(await answer(fixed, "2024-01-31T00:00:00Z")).toBe("pro");
  });
});

describe("what is not checked", () => {
  beforeEach(async () => {
    await write("orders", { user: "u", at: "2024-01-15T00:00:00Z", amount: 5 });
    await write("users", { user: "u", country: "se" });
  });

  it("is a notice, unless the definition says why it is right", async () => {
    const joined = (name: string, isStatic: boolean): AnyFeature =>
      feature({ name, source: orders(), keys: ["user"], transform: (rows, from) => rows.join(from(users(isStatic)), { on: "user" }) });
    const query = 'SELECT "user", "at", sum(amount) OVER (PARTITION BY "user") AS total FROM source';
    const columns = { user: t.string(), at: t.timestamp(), total: t.int64() };
    const queried = (name: string, timeless?: string): AnyFeature =>
      feature({ name, source: orders(), keys: ["user"], transform: sql({ query, columns, timeless }) });
    const defs = project(joined("a", false), joined("b", true), queried("c"), queried("d", "it was tested"));
    const { built, failed } = await defs.build();
    expect(failed).toEqual([]);
    expect(built.map(({ notices }) => notices)).toEqual([
      [
        'source "users" has no timestamp, so its current rows are joined to rows of every time; give it a timestamp and use asOfJoin, or declare it static: true if its rows are valid at any time',
      ],
      [],
      [
        'mlforge cannot check that sql(...) keeps later rows out of earlier ones; check it and then declare why: sql({ ..., timeless: "the reason" })',
      ],
      [],
    ]);
    expect((await defs.versions.inspect("d")).timeless).toEqual([{ step: "sql", reason: "it was tested" }]);
    expect((await defs.versions.inspect("b")).timeless).toBeUndefined();
  });
});
