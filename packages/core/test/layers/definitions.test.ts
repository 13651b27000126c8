import { memoryStore } from "@mlforge/testkit/store";
import { describe, expect, it } from "vitest";
import { type AnyFeature, Definitions, feature, source, sql, t } from "../../src/index.js";

const columns = { user: t.string(), at: t.timestamp(), amount: t.int64() };
const payments = source({ path: "payments.csv", columns, timestamp: "at" });
const keys = ["user"] as const;
const offlineStore = memoryStore();

describe("a feature that reads another one", () => {
  it("has its rows and its time", () => {
    const base = feature({ name: "base", source: payments, keys, static: true });
    const over = feature({ name: "over", source: base, keys });
    expect(over.source).toMatchObject({ name: "base", timestamp: "at", static: true, paths: [] });
    expect(over.output).toEqual(base.output);
    expect(over.upstreams).toMatchObject([{ name: "base", upstreams: [] }]);
  });

  it("must not mix rows of different times, like any other", () => {
    const base = feature({ name: "base", source: payments, keys });
    const mixed = (): unknown =>
      feature({
        name: "mixed",
        source: payments,
        keys,
        transform: (rows, from) => rows.join(from(base).select("user", { other: "at" }), { on: "user" }),
      });
    expect(mixed).toThrow(/use asOfJoin instead of join/);
    const summed = (): unknown =>
      feature({
        name: "summed",
        source: base,
        keys,
        timestamp: "at",
        transform: (rows) => rows.groupBy("user").aggregate(({ amount, at }) => ({ amount: amount.sum(), at: at.min() })),
      });
    expect(summed).toThrow(/combines rows of "base" from different times/);
  });

  it("is known to read it also where the columns of its own source are not known", () => {
    const base = feature({ name: "base", source: payments, keys });
    const loose = source({ path: "loose.csv" });
    const other = feature({ name: "other", source: payments, keys });
    const joined = feature({
      name: "joined",
      source: loose,
      keys,
      transform: (rows, from) => rows.join(base, { on: "user" }).join(from(other), { on: "user" }),
    });
    expect(joined.upstreams.map(({ name }) => name)).toEqual(["base", "other"]);
    const query = sql({ query: "SELECT user FROM extra", columns: { user: t.string() }, inputs: { extra: other } });
    expect(feature({ name: "queried", source: base, keys, transform: query }).upstreams.map(({ name }) => name)).toEqual(["base", "other"]);
  });

  it("never reads one of its own name, however far away", () => {
    const first = feature({ name: "first", source: payments, keys });
    const second = feature({ name: "second", source: first, keys });
    expect(() => feature({ name: "first", source: second, keys })).toThrow(/\(first -> second -> first\)/);
    // Every feature reads the last two, so the ways through them double with each.
    let [before, last]: [AnyFeature, AnyFeature] = [first, second];
    for (let index = 0; index < 40; index++) {
      const other = before;
      const next = feature({
        name: `n${index}`,
        source: last,
        keys,
        transform: (rows, from) => rows.asOfJoin(from(other).select("user", { [`at${index}`]: "at" }), { on: "user" }).select("user", "at"),
      });
      [before, last] = [last, next];
    }
    expect(() => feature({ name: "n0", source: last, keys })).toThrow(/n39 -> .*n0\)/);
  });

  it("needs it among the features of Definitions, as the same object", () => {
    const base = feature({ name: "base", source: payments, keys });
    const over = feature({ name: "over", source: base, keys });
    expect(() => new Definitions({ name: "x", features: [over], offlineStore })).toThrow(
      /over\.source: it reads feature "base", which is not among the features; add it/,
    );
    const twin = feature({ name: "base", source: payments, keys, ttl: "1d" });
    expect(() => new Definitions({ name: "x", features: [over, twin], offlineStore })).toThrow(/another feature than the one of this name/);
    const defs = new Definitions({ name: "x", features: [over, base], offlineStore });
    expect(defs.sources.map(({ name }) => name)).toEqual(["payments"]);
  });

  it("is refused where neither a source nor a feature is given", () => {
    for (const wrong of [undefined, "base", {}, () => base]) {
      // @ts-expect-error neither a source nor a feature
      expect(() => feature({ name: "wrong", source: wrong, keys })).toThrow(
        /wrong\.source: expected a source\(\.\.\.\) or a feature\(\.\.\.\)/,
      );
    }
    const base = feature({ name: "base", source: payments, keys });
    // @ts-expect-error neither a source nor a feature
    expect(() => feature({ name: "wrong", source: base, keys, transform: (_rows, from) => from("base") })).toThrow(
      /from needs a source or a feature/,
    );
  });
});
