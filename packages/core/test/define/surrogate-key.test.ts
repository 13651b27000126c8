import { readFileSync } from "node:fs";
import type { ColumnKind } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { entity } from "../../src/define/entity.js";
import { type SurrogateValue, surrogateKey } from "../../src/define/surrogate-key.js";
import { issuesOf } from "./issues-of.js";

interface Vector {
  readonly values: readonly { readonly kind: keyof typeof types; readonly value: string | null }[];
  readonly text: string;
  readonly key: string;
}

const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL("../../../testkit/surrogate-keys.json", import.meta.url), "utf8"));

const types = {
  string: t.string(),
  boolean: t.boolean(),
  int32: t.int32(),
  int64: t.int64(),
  decimal: t.decimal(38, 0),
  date: t.date(),
  timestamp: t.timestamp(),
  bytes: t.bytes(),
};

/** A value as JavaScript has it, of its text in a literal. */
function scriptValue(kind: ColumnKind, text: string | null): SurrogateValue {
  if (text === null) return null;
  switch (kind) {
    case "boolean":
      return text === "true";
    case "int32":
      return Number(text);
    case "int64":
      return BigInt(text);
    case "timestamp":
      return BigInt(Date.parse(`${text.slice(0, 23)}Z`)) * 1000n + BigInt(text.slice(23, 26));
    case "bytes":
      return Buffer.from(text, "base64");
    default:
      return text;
  }
}

describe("surrogateKey", () => {
  it.each(vectors)("gives the published key of $text", ({ values, key }) => {
    const from = Object.fromEntries(values.map(({ kind }, index) => [`c${index}`, types[kind]]));
    const row = Object.fromEntries(values.map(({ kind, value }, index) => [`c${index}`, scriptValue(kind, value)]));
    expect(surrogateKey(entity({ name: "thing", joinKey: "id", from }), row)).toBe(key);
  });

  it("takes the kinds that need no telling from the values", () => {
    const from = ["s", "b", "i", "l", "x", "n"];
    const told = { s: t.string(), b: t.boolean(), i: t.int32(), l: t.int64(), x: t.bytes(), n: t.decimal(4, 2) };
    const row = { s: "a", b: false, i: -1, l: 2n ** 62n, x: Uint8Array.of(1, 255), n: null };
    expect(surrogateKey(entity({ name: "thing", joinKey: "id", from }), row)).toBe(
      surrogateKey(entity({ name: "thing", joinKey: "id", from: told }), row),
    );
  });

  it("takes the day of a Date, of its text, and timestamps from Dates and microseconds", () => {
    const user = entity({ name: "user", joinKey: "user_id", from: { dob: t.date(), seen: t.timestamp() } });
    const key = surrogateKey(user, { dob: "2020-02-29", seen: 1_500_000n });
    expect(surrogateKey(user, { dob: new Date("2020-02-29"), seen: new Date(1500) })).toBe(key);
  });

  it("says everything that is wrong with a row", () => {
    const from: readonly string[] = ["first", "seen", "age", "big", "name"];
    const user = entity({ name: "user", joinKey: "user_id", from });
    const row = { frist: "Ada", seen: new Date(0), age: 1.5, big: 2 ** 60, name: "\ud800" };
    expect(issuesOf(() => surrogateKey(user, row))).toMatchObject([
      { path: "user.first", message: expect.stringContaining('did you mean "frist"?') },
      { path: "user.seen.kind", message: expect.stringContaining("a Date can be a date or a timestamp") },
      { path: "user.age.constant", message: expect.stringContaining("1.5 is not an integer") },
      { path: "user.big.constant", message: expect.stringContaining("beyond 2^53") },
      { path: "user.name.constant", message: expect.stringContaining("lone surrogate") },
    ]);
  });

  it("takes no value of another kind than the entity states", () => {
    const user = entity({ name: "user", joinKey: "user_id", from: { dob: t.date(), age: t.int32(), price: t.decimal(5, 2) } });
    const issues = issuesOf(() => surrogateKey(user, { dob: "2020-02-30", age: "7", price: "1,5" }));
    expect(issues.map(({ path }) => path)).toEqual(["user.dob.date", "user.age.constant", "user.price.constant"]);
  });

  it("needs an entity whose key is made of other columns", () => {
    const issues = issuesOf(() => surrogateKey(entity({ name: "airport", keys: ["origin"] }), { origin: "SEA" }));
    expect(issues).toMatchObject([{ path: "airport" }]);
  });
});

describe("entity", () => {
  it("has the join key as its only key", () => {
    const user = entity({ name: "user", joinKey: "user_id", from: ["first", "last"] });
    expect(user.keys).toEqual(["user_id"]);
    expect(user.surrogate?.from.map(({ name }) => name)).toEqual(["first", "last"]);
  });

  it.each([
    ["no columns", { joinKey: "id", from: [] }, "user.from"],
    ["a column twice", { joinKey: "id", from: ["a", "a"] }, "user.from[1]"],
    ["itself", { joinKey: "a", from: ["a", "b"] }, "user.joinKey"],
    ["a float", { joinKey: "id", from: { a: t.float64() } }, "user.from.a"],
    ["an empty name", { joinKey: "", from: ["a"] }, "user.joinKey"],
    ["keys beside it", { keys: ["a"], joinKey: "id", from: ["a"] }, "user.keys"],
  ])("refuses a key made of %s", (_, options, path) => {
    expect(issuesOf(() => entity({ name: "user", ...options }))).toMatchObject([{ path }]);
  });
});
