import { memoryStore } from "@mlforge/testkit/store";
import { describe, expectTypeOf, it } from "vitest";
import { Definitions, feature, type RowOf, source, sql, type TrainingData, t } from "../../src/index.js";

const columns = { user: t.string({ nullable: false }), at: t.timestamp({ nullable: false }), amount: t.int64() };
const payments = source({ path: "payments.csv", columns, timestamp: "at" });
const keys = ["user"] as const;
const base = feature({ name: "base", source: payments, keys });
const rolled = feature({
  name: "rolled",
  source: base,
  keys,
  rolling: { every: "1d", windows: ["7d"], aggregations: { amount: ["sum"] } },
});

describe("a feature over another one", () => {
  it("has the columns, the keys, and the time of its rows", () => {
    const over = feature({ name: "over", source: base, keys });
    expectTypeOf<RowOf<typeof over>>().toEqualTypeOf<{ user: string; at: Date; amount: number | null }>();
    expectTypeOf<RowOf<typeof rolled>>().toEqualTypeOf<{ user: string; at: Date; rolled__amount__sum__1d__7d: number | null }>();
    const joined = feature({
      name: "joined",
      source: base,
      keys,
      transform: (rows, from) =>
        rows.asOfJoin(from(rolled).select("user", { seen: "at" }, { weekly: "rolled__amount__sum__1d__7d" }), { on: "user" }),
    });
    expectTypeOf<RowOf<typeof joined>>().toEqualTypeOf<{
      user: string;
      at: Date;
      amount: number | null;
      seen: Date | null;
      weekly: number | null;
    }>();
    const defs = new Definitions({ name: "x", features: [base, rolled, joined], offlineStore: memoryStore() });
    const training = () =>
      defs.getTrainingData({ labels: [{ user: "a", on: new Date(0) }], timestamp: "on", features: ["joined"], withTimestamps: true });
    type Rows = Awaited<ReturnType<typeof training>> extends TrainingData<infer R> ? R : never;
    expectTypeOf<Rows["joined_timestamp"]>().toEqualTypeOf<Date | null>();
  });

  it("knows no other columns", () => {
    void (() => {
      // @ts-expect-error no such column
      feature({ name: "x", source: base, keys, transform: (rows) => rows.filter(({ amuont }) => amuont.gt(0)) });
      // @ts-expect-error no such key
      feature({ name: "x", source: base, keys: ["usr"] });
      // @ts-expect-error no such column to aggregate
      feature({ name: "x", source: base, keys, rolling: { every: "1d", windows: ["7d"], aggregations: { amuont: ["sum"] } } });
    });
    void sql({ query: "SELECT 1", columns: { user: t.string() }, inputs: { base } });
  });
});
