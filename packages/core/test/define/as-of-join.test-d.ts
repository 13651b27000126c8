import type { Column } from "@mlforge/spec";
import { describe, expectTypeOf, it } from "vitest";
import type { RowOf } from "../../src/define/any-feature.js";
import { t } from "../../src/define/column-types.js";
import type { From, Relation } from "../../src/define/relation.js";
import type { AsOfChecks, TimeOfGroups, TimeOfSelect } from "../../src/define/relation-time.js";
import { type Source, source } from "../../src/define/source.js";
import type { MlforgeTypeError } from "../../src/define/type-error.js";
import { feature } from "../../src/features/feature.js";

const orders = source({
  path: "orders.parquet",
  columns: { user: t.string({ nullable: false }), at: t.timestamp(), amount: t.int64() },
  timestamp: "at",
});
const plans = source({
  path: "plans.parquet",
  columns: { user: t.string(), since: t.timestamp({ nullable: false }), plan: t.string({ nullable: false }) },
  timestamp: "since",
});
const users = source({ path: "users.parquet", columns: { user: t.string(), country: t.string() } });
const anything = source({ path: "anything.parquet", timestamp: "at" });

type ColumnsOf<S> = S extends Source<infer C, string | undefined> ? C : never;
type Orders = ColumnsOf<typeof orders>;
declare const rows: Relation<Orders, "at">;
declare const from: From;

describe("as-of joins", () => {
  it("add the columns of the other side, which may be null", () => {
    type Joined = Relation<
      {
        readonly user: Column<"string", false>;
        readonly at: Column<"timestamp", true>;
        readonly amount: Column<"int64", true>;
        readonly since: Column<"timestamp", true>;
        readonly plan: Column<"string", true>;
      },
      "at"
    >;
    expectTypeOf(rows.asOfJoin(plans, { on: "user" })).toEqualTypeOf<Joined>();
    expectTypeOf(rows.asOfJoin(from(plans), { on: ["user"], ttl: "30d" })).toEqualTypeOf<Joined>();
    expectTypeOf(rows.asOfJoin(from(plans).select({ buyer: "user" }, "since", "plan"), { on: { user: "buyer" } })).toEqualTypeOf<Joined>();
  });

  it("make the columns of a feature", () => {
    const spend = feature({
      name: "spend",
      source: orders,
      keys: ["user"],
      transform: (each, other) => each.asOfJoin(other(plans).select("user", "since", "plan"), { on: "user" }).select("user", "at", "plan"),
    });
    expectTypeOf(spend.keys).toEqualTypeOf<readonly "user"[]>();
    expectTypeOf<RowOf<typeof spend>>().toEqualTypeOf<{ user: string; at: Date; plan: string | null }>();
  });

  it("know the time of a relation", () => {
    expectTypeOf(rows).toExtend<Relation<Orders>>();
    expectTypeOf(rows.filter(({ amount }) => amount.gt(1)).distinct()).toEqualTypeOf<typeof rows>();
    expectTypeOf<TimeOfSelect<"at", readonly ["user", { when: "at" }]>>().toEqualTypeOf<"when">();
    expectTypeOf<TimeOfSelect<"at", readonly ["user"]>>().toEqualTypeOf<undefined>();
    expectTypeOf<TimeOfSelect<"at", readonly ["user", "at"]>>().toEqualTypeOf<"at">();
    expectTypeOf<TimeOfGroups<"at", "user" | "at">>().toEqualTypeOf<"at">();
    expectTypeOf<TimeOfGroups<"at", "user">>().toEqualTypeOf<string | undefined>();
    expectTypeOf<TimeOfGroups<undefined, "user">>().toEqualTypeOf<undefined>();
  });

  it("refuse what does not fit with a sentence", () => {
    // @ts-expect-error the right side has no timestamp
    rows.asOfJoin(users, { on: "user" });
    // @ts-expect-error the right side dropped its timestamp
    rows.asOfJoin(from(plans).select("user", "plan"), { on: "user" });
    // @ts-expect-error the left side dropped its timestamp
    rows.select("user", "amount").asOfJoin(plans, { on: "user" });
    // @ts-expect-error both sides have a column "at"
    rows.asOfJoin(orders, { on: "user" });
    // @ts-expect-error the other side has no such column
    rows.asOfJoin(plans, { on: "at" });
    // @ts-expect-error the other side has no such column
    rows.asOfJoin(plans, { on: { user: "usr" } });
    // @ts-expect-error months have no fixed length
    rows.asOfJoin(plans, { on: "user", ttl: "1month" });
    // @ts-expect-error no such column
    rows.asOfJoin(plans, { on: "user", timestamps: { right: "until" } });
    rows.asOfJoin(from(plans).select("user", "plan", { a: "since", b: "since" }), { on: "user", timestamps: { right: "a" } });
    const changes = source({ path: "changes.parquet", columns: { user: t.string(), since: t.timestamp(), plan: t.string() } });
    rows.asOfJoin(changes, { on: "user", timestamps: { right: "since" } });
    rows
      .select("user", { bought: "at" })
      .derive(({ bought }) => ({ day: bought }))
      .asOfJoin(plans, { on: ["user"], timestamps: { left: "day" } });
    // @ts-expect-error the named side has a timestamp, the other one has none
    rows.asOfJoin(changes, { on: ["user"], timestamps: { left: "at" } });
    rows.asOfJoin(anything, { on: "user" });

    type Users = ColumnsOf<typeof users>;
    expectTypeOf<AsOfChecks<Orders, "at", Users, undefined, "user">>().toEqualTypeOf<
      MlforgeTypeError<"the right side has no timestamp; declare one in its source, or name the column: timestamps: { right: 'at' }">
    >();
    type OtherOrders = { readonly user: Column<"string">; readonly since: Column<"timestamp">; readonly amount: Column<"int64"> };
    expectTypeOf<AsOfChecks<Orders, "at", OtherOrders, "since", "user">>().toEqualTypeOf<
      MlforgeTypeError<"both sides have the column 'amount'; select the columns you need from the other side, and rename">
    >();
    expectTypeOf<AsOfChecks<Orders, "at", ColumnsOf<typeof plans>, "since", "user">>().toEqualTypeOf<unknown>();
  });
});
