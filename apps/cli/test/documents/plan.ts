import * as v from "valibot";
import { differences } from "./differences.js";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const version = v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/));

const planned = v.strictObject({
  feature: v.string(),
  action: v.picklist(["build", "promote", "skip"]),
  now: v.nullable(version),
  next: version,
  change: v.nullable(v.picklist(["initial", "major", "minor", "patch"])),
  reason: v.nullable(v.string()),
  details: v.array(v.string()),
  why: v.string(),
  differences: v.nullable(differences),
  source: v.strictObject({ changed: v.nullable(v.boolean()), files: count, bytes: count }),
  held: v.boolean(),
  latest: v.nullable(v.boolean()),
});
const failed = v.strictObject({
  feature: v.string(),
  action: v.literal("fail"),
  error: v.strictObject({ code: v.string(), message: v.string() }),
});

export const planDocument = v.strictObject({ features: v.array(v.variant("action", [planned, failed])) });
