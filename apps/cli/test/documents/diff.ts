import * as v from "valibot";
import { differences } from "./differences.js";
import { count, version } from "./parts.js";

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const counts = v.strictObject({ from: count, to: count });
const maybe = v.nullable(v.number());

const profile = v.strictObject({
  kind: v.string(),
  rows: count,
  nulls: v.strictObject({ rows: count, share }),
  distinct: count,
  nonfinite: count,
  min: v.nullable(v.union([v.string(), v.number(), v.boolean()])),
  max: v.nullable(v.union([v.string(), v.number(), v.boolean()])),
  mean: maybe,
  std: maybe,
  quantiles: v.nullable(v.strictObject({ p05: maybe, p25: maybe, p50: maybe, p75: maybe, p95: maybe })),
});

const data = v.variant("kind", [
  v.strictObject({ kind: v.literal("identical") }),
  v.strictObject({ kind: v.literal("unavailable"), reason: v.string() }),
  v.strictObject({
    kind: v.literal("compared"),
    rows: v.nullable(v.strictObject({ removed: count, added: count, changed: count, rounded: count, unchanged: count })),
    unmatched: v.nullable(v.string()),
    columns: v.array(
      v.strictObject({
        name: v.string(),
        changed: v.nullable(v.strictObject({ rows: count, rounded: count, share })),
        drift: maybe,
        from: profile,
        to: profile,
      }),
    ),
  }),
]);

export const diffDocument = v.strictObject({
  feature: v.string(),
  from: version,
  to: version,
  change: v.picklist(["same", "patch", "minor", "major"]),
  why: v.string(),
  differences,
  source: v.strictObject({ changed: v.boolean() }),
  rows: counts,
  bytes: counts,
  data: v.nullable(data),
});
