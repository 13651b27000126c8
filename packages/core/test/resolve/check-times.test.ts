import { describe, expect, it } from "vitest";
import type { Untyped } from "../../src/define/expr.js";
import { feature, greatest, source, t } from "../../src/index.js";
import { issuesOf } from "../define/issues-of.js";

const columns = { user: t.string(), at: t.timestamp({ nullable: false }), amount: t.int64() };
const plansColumns = { user: t.string(), since: t.timestamp({ nullable: false }), plan: t.string() };
const orders = source({ path: "orders.parquet", columns, timestamp: "at" });
const plans = source({ path: "plans.parquet", columns: plansColumns, timestamp: "since" });
const fixedPlans = source({ path: "fixed.parquet", columns: plansColumns, timestamp: "since", static: true });
const users = source({ path: "users.parquet", columns: { user: t.string(), country: t.string() } });
const untimed = source({ path: "untimed.parquet", columns });

type Build = (rows: Untyped, from: Untyped) => Untyped;

/** What is refused in a feature of orders with this timestamp. */
function refusals(transform: Build, timestamp = "at", from = orders as Untyped): readonly string[] {
  const define = (): unknown => feature({ name: "f", source: from, keys: ["user"], timestamp, transform });
  return issuesOf(define).map(({ message }) => message);
}

const shifted =
  (by: string): Build =>
  (rows) =>
    rows.derive((row: Untyped) => ({ known: row.at.truncate("1d").plusDuration(by) }));

describe("a feature with a timestamp accepts", () => {
  it.each<[string, Build, string?]>([
    ["rows as they are", (rows) => rows],
    ["a group by its timestamp", (rows) => rows.groupBy("user", "at").aggregate((row: Untyped) => ({ total: row.amount.sum() }))],
    ["the end of a day", shifted("1d"), "known"],
    [
      "a group by the end of a day",
      (rows, from) =>
        shifted("1d")(rows, from)
          .groupBy("user", "known")
          .aggregate((row: Untyped) => ({ total: row.amount.sum() })),
      "known",
    ],
    ["a join on equal timestamps", (rows, from) => rows.join(from(plans), { on: { user: "user", at: "since" } })],
    [
      "an inner join stamped with the greatest of both",
      (rows, from) => rows.join(from(plans), { on: "user" }).derive((row: Untyped) => ({ known: greatest(row.at, row.since) })),
      "known",
    ],
    ["an as-of join", (rows, from) => rows.asOfJoin(from(plans), { on: "user" })],
    ["a join with a static source", (rows, from) => rows.join(from(fixedPlans), { on: "user" })],
    [
      "a join with groups of a static source",
      (rows, from) =>
        rows.join(
          from(fixedPlans)
            .groupBy("user")
            .aggregate((row: Untyped) => ({ plans: row.plan.count() })),
          { on: "user" },
        ),
    ],
    ["a join with a source without a timestamp", (rows, from) => rows.join(from(users), { on: "user" })],
    ["a join that says why", (rows, from) => rows.join(from(plans), { on: "user", timeless: "plans never change" })],
    [
      "a group that says why",
      (rows) => rows.groupBy("user").aggregate((row: Untyped) => ({ at: row.at.max() }), { timeless: "one order a user" }),
    ],
  ])("%s", (_, transform, timestamp) => {
    expect(refusals(transform, timestamp)).toEqual([]);
  });

  it("any computed time of a source without a timestamp, and no group of it", () => {
    expect(refusals((rows) => rows.derive((row: Untyped) => ({ day: row.at.truncate("1d") })), "day", untimed)).toEqual([]);
    const newest: Build = (rows) => rows.groupBy("user").aggregate((row: Untyped) => ({ at: row.at.max() }));
    expect(refusals(newest, "at", untimed)).toEqual([
      expect.stringContaining('"at" is not the time of single rows of "untimed", so adding later rows changes earlier ones'),
    ]);
  });
});

describe("a feature with a timestamp refuses", () => {
  it.each<[string, Build, string, string | undefined]>([
    [
      "the newest timestamp of a group",
      (rows) => rows.groupBy("user").aggregate((row: Untyped) => ({ at: row.at.max() })),
      'groupBy("user") combines rows of "orders" from different times, so a row stamped "at" includes later rows; use rolling windows or add the timestamp to the keys, or give the reason why later rows change nothing: aggregate(..., { timeless: "the reason" }), or declare source "orders" static: true if its rows are valid at any time',
      undefined,
    ],
    [
      "a join with groups",
      (rows, from) =>
        rows.join(
          from(plans)
            .groupBy("user")
            .aggregate((row: Untyped) => ({ plans: row.plan.count() })),
          { on: "user" },
        ),
      'groupBy("user") inside the join with "plans" on user combines rows of "plans" from different times, so a row stamped "at" includes later rows; group by the timestamp too and use asOfJoin, or use rolling windows in a separate feature, or give the reason why later rows change nothing: aggregate(..., { timeless: "the reason" }), or declare source "plans" static: true if its rows are valid at any time',
      undefined,
    ],
    [
      "the beginning of a day",
      (rows) => rows.derive((row: Untyped) => ({ day: row.at.truncate("1d") })),
      '"day" can be earlier than the rows of "orders" that the row is computed from; stamp the row with "at" or with the greatest of both, or make "day" the timestamp of the source if it says when a row became known, or declare source "orders" static: true if its rows are valid at any time',
      "day",
    ],
    [
      "less than a day after the beginning of a day",
      (rows) => rows.derive((row: Untyped) => ({ at: row.at.truncate("1d").plusDuration("23h") })),
      'after the derive of at, no column is known to be as late as the rows of "orders", so a row stamped "at" could include later rows; keep the timestamp of the source, or move it only with plusDuration, or declare source "orders" static: true if its rows are valid at any time',
      undefined,
    ],
    [
      "a left join stamped with the greatest of both, which later rows change",
      (rows, from) =>
        rows.join(from(plans), { on: "user", type: "left" }).derive((row: Untyped) => ({ known: greatest(row.at, row.since) })),
      'join with "plans" on user includes rows of "plans" that are later than the row stamped "known"; use asOfJoin instead of join, or give the reason why later rows change nothing: join(..., { timeless: "the reason" }), or declare source "plans" static: true if its rows are valid at any time',
      "known",
    ],
    [
      "an as-of join with rows that are stamped too early",
      (rows, from) =>
        rows.asOfJoin(
          from(plans).derive((row: Untyped) => ({ since: row.since.minusDuration("1d") })),
          { on: "user", timestamps: { right: "since" } },
        ),
      'after the derive of since, no column is known to be as late as the rows of "plans", so a row stamped "at" could include later rows; keep the timestamp of the source, or move it only with plusDuration, or declare source "plans" static: true if its rows are valid at any time',
      undefined,
    ],
  ])("%s", (_, transform, message, timestamp) => {
    expect(refusals(transform, timestamp)).toEqual([message]);
  });
});
