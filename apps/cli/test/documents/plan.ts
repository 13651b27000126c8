import * as v from "valibot";
import { differences } from "./differences.js";
import { change, count, error, version } from "./parts.js";

const planned = v.strictObject({
  feature: v.string(),
  action: v.picklist(["build", "promote", "skip"]),
  now: v.nullable(version),
  next: version,
  change: v.nullable(change),
  reason: v.nullable(v.string()),
  details: v.array(v.string()),
  why: v.string(),
  differences: v.nullable(differences),
  source: v.strictObject({ changed: v.nullable(v.boolean()), files: count, queries: count, bytes: count }),
  periods: v.nullable(
    v.strictObject({
      partition: v.picklist(["day", "week", "month", "year"]),
      computed: v.nullable(v.array(v.strictObject({ period: v.string(), why: v.string() }))),
      kept: v.nullable(count),
      bytes: v.nullable(count),
      whole: v.nullable(v.string()),
    }),
  ),
  held: v.boolean(),
  latest: v.nullable(v.boolean()),
  timeless: v.array(v.strictObject({ step: v.string(), reason: v.string() })),
  volatile: v.boolean(),
  notices: v.array(v.string()),
});
const failed = v.strictObject({
  feature: v.string(),
  action: v.literal("fail"),
  error,
});

export const planDocument = v.strictObject({ features: v.array(v.variant("action", [planned, failed])) });
