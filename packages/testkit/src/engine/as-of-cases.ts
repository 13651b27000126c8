import type { AsOfJoin, Plan, Schema } from "@mlforge/spec";
import * as fc from "fast-check";
import type { AsOfRules, FeatureRow, Key, Label } from "./as-of-oracle.js";
import { nullable, type Text, table } from "./plans.js";
import { day, hour, second, timestampsNear, timestampText } from "./timestamps.js";

/** Labels and the feature rows that they may know. */
export interface Case {
  readonly labels: readonly Label[];
  readonly rows: readonly FeatureRow[];
}

const keyColumns: Schema = [
  nullable("case", "int64"),
  nullable("a", "string"),
  nullable("b", "string"),
  nullable("f", "float64"),
  nullable("n", "int64"),
];
const labelSchema: Schema = [...keyColumns, nullable("at", "timestamp")];
const featureSchema: Schema = [
  ...keyColumns,
  nullable("known", "timestamp"),
  nullable("i", "int64"),
  nullable("x", "float64"),
  nullable("s", "string"),
];

const part = fc.constantFrom("", "x", "xy", "y", "yx", "null", null);
const beyond = 2n ** 53n;
const key: fc.Arbitrary<Key> = fc.tuple(
  part,
  part,
  fc.constantFrom(0, 0, -0, Number.NaN, 0.1, null),
  fc.constantFrom(7n, 7n, beyond, beyond + 1n, -beyond - 1n, null),
);

const values = fc.tuple(
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.option(fc.constantFrom(0.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-300)),
  fc.option(fc.string({ unit: "binary", maxLength: 3 })),
);

const oneCase: fc.Arbitrary<Case> = fc.tuple(timestampsNear(), fc.array(key, { minLength: 1, maxLength: 3 })).chain(([timestamp, keys]) => {
  const label = fc.record({ key: fc.constantFrom(...keys), at: fc.option(timestamp, { freq: 10 }) });
  return fc.record({
    labels: fc.array(label, { maxLength: 6 }),
    rows: fc
      .array(fc.tuple(label, values), { maxLength: 10 })
      .map((rows) => unique(rows.map(([{ key, at }, values]): FeatureRow => ({ key, at, values })))),
  });
});

/** Cases that are joined in one call, all with the same rules. Shrinking empties them. */
export function casesOf(count: number): fc.Arbitrary<readonly Case[]> {
  return fc.array(oneCase, { minLength: count, maxLength: count });
}

export const rules: fc.Arbitrary<AsOfRules> = fc.record({
  allowExactMatches: fc.boolean(),
  ttl: fc.option(fc.constantFrom(1n, second, hour, day, 8n * day), { nil: undefined }),
});

/** Keeps the first row of each key and timestamp. Rows with a null among them are never duplicates. */
function unique(rows: readonly FeatureRow[]): readonly FeatureRow[] {
  const seen = new Set<string>();
  return rows.filter(({ key, at }) => {
    if (at === null || key.includes(null)) return true;
    const text = JSON.stringify([...key.map((part) => (part === 0 ? "0" : String(part))), String(at)]);
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

type Order = (rows: readonly (readonly Text[])[]) => readonly (readonly Text[])[];

export function labelsOf(cases: readonly Case[]): Plan {
  const rows = cases.flatMap(({ labels }, index) => labels.map((label) => headOf(index, label)));
  return table(labelSchema, rows);
}

/** Returns the feature rows of all cases, in the order of `order`. */
export function featureRowsOf(cases: readonly Case[], order: Order = (rows) => rows): Plan {
  const rows = cases.flatMap(({ rows }, index) => rows.map((row) => [...headOf(index, row), ...row.values.map(textOf)]));
  return table(featureSchema, order(rows));
}

function headOf(index: number, { key, at }: Label): readonly Text[] {
  return [String(index), ...key.map(textOf), at === null ? null : timestampText(at)];
}

function textOf(value: string | number | bigint | boolean | null): Text {
  if (value === null) return null;
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Returns the labels with their number and what they know, in their order. */
export function inLabelOrder(labels: Plan, features: Plan, { allowExactMatches, ttl }: AsOfRules): Plan {
  const join: AsOfJoin = {
    op: "asOfJoin",
    left: { op: "numberRows", input: labels, column: "row" },
    right: features,
    on: keyColumns.map(({ name }) => ({ left: name, right: name })),
    timestamps: { left: "at", right: "known" },
    allowExactMatches,
    ttl: ttl === undefined ? undefined : String(ttl),
    columns: ["i", "x", "s"].map((name) => ({ name, as: `feature_${name}` })),
  };
  return { op: "sort", by: ["row"], input: join };
}
