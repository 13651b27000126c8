import * as v from "valibot";
import { error } from "./parts.js";

const passed = v.boolean();
const permission = v.picklist(["allowed", "denied", "unknown"]);
const job = v.picklist(["build", "training", "serving"]);

const node = v.strictObject({
  version: v.string(),
  needed: v.string(),
  platform: v.string(),
  memory: v.pipe(v.number(), v.minValue(1)),
  passed,
});
const engine = v.strictObject({ name: v.nullable(v.string()), version: v.nullable(v.string()), passed, message: v.string() });
const clock = v.strictObject({ store: v.string(), skew: v.nullable(v.number()), passed, message: v.string() });
const store = v.strictObject({
  name: v.string(),
  passed,
  jobs: v.array(v.strictObject({ job, outcome: permission, missing_permissions: v.array(v.string()) })),
  checks: v.array(v.strictObject({ action: v.string(), outcome: permission, needed_for: v.array(job), message: v.string() })),
});

/** Of what could not be looked at. */
const failed = v.strictObject({ error });

/** What `mlforge doctor --json` prints; with flags only what they name. */
export const doctorDocument = v.strictObject({
  node: v.optional(node),
  engine: v.optional(v.union([engine, failed])),
  clock: v.optional(v.union([clock, failed])),
  store: v.optional(v.union([store, failed])),
});
