import * as v from "valibot";
import { leftoverKind } from "./parts.js";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const version = v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/));

export const pruneDocument = v.strictObject({
  dry_run: v.boolean(),
  keep: count,
  older_than: v.string(),
  locks: v.array(v.string()),
  features: v.array(
    v.strictObject({
      feature: v.string(),
      latest: v.nullable(version),
      removed: v.array(v.strictObject({ version, because: v.picklist(["old", "abandoned", "unfinished"]), bytes: count })),
      kept: v.array(
        v.strictObject({
          version,
          because: v.pipe(v.array(v.picklist(["latest", "newest", "recent", "pinned", "locked", "unreadable"])), v.minLength(1)),
        }),
      ),
    }),
  ),
  leftovers: v.array(v.strictObject({ kind: leftoverKind, location: v.string(), removed: v.boolean() })),
  failed: v.array(v.strictObject({ feature: v.string(), error: v.strictObject({ code: v.string(), message: v.string() }) })),
});
