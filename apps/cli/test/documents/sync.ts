import * as v from "valibot";
import { change, count, failed, seconds, version } from "./parts.js";

const sized = { feature: v.string(), version, rows: count, bytes: count };

export const syncDocument = v.strictObject({
  synced: v.array(v.strictObject({ ...sized, seconds })),
  missing: v.array(v.strictObject(sized)),
  present: v.array(v.strictObject({ feature: v.string(), version })),
  unbuilt: v.array(v.string()),
  published: v.array(v.strictObject({ ...sized, change, reason: v.string(), path: v.string() })),
  failed: v.array(failed),
});
