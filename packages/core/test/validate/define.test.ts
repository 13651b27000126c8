import { describe, expect, it } from "vitest";
import {
  batches,
  check,
  feature,
  greaterThan,
  inRange,
  isIn,
  literal,
  matchesRegex,
  notNull,
  rowCount,
  source,
  t,
  unique,
} from "../../src/index.js";
import { issuesOf } from "../define/issues-of.js";

const columns = { id: t.string(), n: t.int64(), price: t.decimal(10, 2), f: t.float64(), at: t.timestamp() };
const rows = source({ path: "rows.parquet", columns });

/** A feature with validators that nobody checked before. */
function defineUnchecked(validators: unknown): unknown {
  return Reflect.apply(feature, undefined, [{ name: "x", source: rows, keys: ["id"], timestamp: null, validators }]);
}

describe("validators", () => {
  it.each<readonly [string, unknown, string, RegExp]>([
    ["an unknown column", [notNull("idd")], "x.validators[0]", /no column "idd" .*did you mean "id"\?/],
    ["an unknown column that must be unique", [unique("idd")], "x.validators[0]", /did you mean "id"\?/],
    ["a value of another kind", [greaterThan("n", "1")], "x.validators[0].constant", /"1" is not a value of kind int64/],
    ["a fraction for an integer", [greaterThan("n", 1.5)], "x.validators[0].constant", /1\.5 is not an integer/],
    ["a pattern for a number", [matchesRegex("n", "1")], "x.validators[0].matches", /does not take a int64/],
    ["a pattern with flags", [matchesRegex("id", /a/i)], "x.validators[0].matches", /has flags/],
    ["no values", [isIn("id", [])], "x.validators[0].in", /at least one value/],
    ["a min above the max", [inRange("n", { min: 2, max: 1 })], "x.validators[0].min", /the min 2 is above the max 1/],
    ["a decimal min above the max", [inRange("price", { min: "10", max: "9.99" })], "x.validators[0].min", /above/],
    ["a negative decimal min above the max", [inRange("price", { min: "-0.5", max: "-0.75" })], "x.validators[0].min", /above/],
    ["a text min above the max", [inRange("id", { min: "\u{1f600}", max: "\uffff" })], "x.validators[0].min", /above/],
    ["a min of NaN", [inRange("f", { min: Number.NaN, max: 1 })], "x.validators[0].min", /NaN is above the max 1/],
    ["a share above 1", [notNull("id", { tolerate: 1.5 })], "x.validators[0].tolerate", /must be a share of rows from 0 to 1, got 1\.5/],
    ["a share of NaN", [notNull("id", { tolerate: Number.NaN })], "x.validators[0].tolerate", /got NaN/],
    [
      "a severity that is none",
      [{ ...notNull("id"), severity: "fatal" }],
      "x.validators[0].severity",
      /must be "error" or "warn", got "fatal"/,
    ],
    ["no name", [check(" ", () => literal(true))], "x.validators[0].name", /needs a name/],
    ["one rule twice", [notNull("id"), notNull("id", { severity: "warn" })], "x.validators[1]", /two validators are named "notNull\(id\)"/],
    ["a condition that is none", [check("c", (row) => row.n)], "x.validators[0].condition", /"c" needs a boolean condition, got int64/],
    [
      "a condition that is a constant",
      [Reflect.apply(check, undefined, ["c", () => true])],
      "x.validators[0].condition",
      /"c" needs an expression as its condition/,
    ],
    ["a condition with an unknown column", [check("c", (row) => row.m.gt(1))], "x.validators[0]", /no column "m"/],
    ["a condition over other rows", otherRows(), "x.validators[0].condition", /over other rows/],
    ["a row count without bounds", [rowCount({})], "x.validators[0].bounds", /a min, a max, or both/],
    ["a row count below 0", [rowCount({ min: -1 })], "x.validators[0].bounds", /needs a non-negative integer, got -1/],
    ["a row count of half a row", [rowCount({ max: 0.5 })], "x.validators[0].bounds", /got 0\.5/],
    ["a row count that cannot be", [rowCount({ min: 2, max: 1 })], "x.validators[0].bounds", /the min 2 is above the max 1/],
    ["what is no validator", [{ rule: "notNull", column: "id" }], "x.validators[0].rule", /expected a validator/],
    ["what is no list", notNull("id"), "x.validators.list", /must be an array of rules/],
    ["a function that gives no list", () => undefined, "x.validators.list", /must be an array of rules/],
  ])("refuse %s", (_, validators, path, message) => {
    expect(issuesOf(() => defineUnchecked(validators))).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it("report everything at once, beside what else is wrong", () => {
    const define = (): unknown =>
      Reflect.apply(feature, undefined, [
        { name: "x", source: rows, keys: ["idd"], validators: [notNull("a"), notNull("id", { tolerate: -1 }), unique("b")] },
      ]);
    expect(issuesOf(define).map(({ path }) => path)).toEqual([
      "x.keys[0]",
      "x.validators[0]",
      "x.validators[1].tolerate",
      "x.validators[2]",
    ]);
  });

  it("are checked against the columns that a transform declares, also where the source declares none", () => {
    const loose = source({ path: "rows.csv" });
    const transform = batches({ columns: { id: t.string() }, run: (input) => input });
    const define = (): unknown =>
      Reflect.apply(feature, undefined, [{ name: "x", source: loose, keys: ["id"], transform, validators: [notNull("n")] }]);
    expect(issuesOf(define).map(({ path }) => path)).toEqual(["x.validators[0]"]);
  });

  it("are checked against the columns that windows make, also where a transform declares its own", () => {
    const rolling = { every: "1d", windows: ["7d"], aggregations: { n: ["sum"] } };
    for (const transform of [undefined, batches({ columns, run: (input) => input })]) {
      const options = { name: "x", source: rows, keys: ["id"], timestamp: "at", transform, rolling };
      const validators = [notNull("x__n__sum__1d__7d"), notNull("n")];
      expect(issuesOf(() => Reflect.apply(feature, undefined, [{ ...options, validators }]))).toEqual([
        { path: "x.validators[1]", message: expect.stringContaining('no column "n"') },
      ]);
    }
  });

  it("may have equal ends, the same rule under another name, and long lists", () => {
    const validators = [
      inRange("price", { min: "9.9", max: 10n }),
      inRange("at", { min: new Date(0), max: new Date(0) }),
      notNull("id"),
      notNull("id", { severity: "warn", name: "every id" }),
      isIn("n", [1, 2, 3, 4, 5, 6]),
    ];
    expect(issuesOf(() => defineUnchecked(validators))).toEqual([]);
    expect(validators.map(({ name }) => name)).toEqual([
      'inRange(price, "9.9", 10)',
      "inRange(at, 1970-01-01T00:00:00.000Z, 1970-01-01T00:00:00.000Z)",
      "notNull(id)",
      "every id",
      "isIn(n, 1, 2, 3, 4, 5, ... 6 in total)",
    ]);
  });
});

/** A condition of the row of another feature. */
function otherRows(): unknown {
  let condition: unknown;
  feature({
    name: "other",
    source: rows,
    keys: ["id"],
    timestamp: null,
    validators: (row) => {
      condition = row.n.gt(1);
      return [];
    },
  });
  return [Reflect.apply(check, undefined, ["c", condition])];
}
