import * as v from "valibot";

const version = v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/));

export const logDocument = v.strictObject({
  feature: v.string(),
  latest: v.nullable(version),
  held: v.boolean(),
  pruned: v.array(version),
  history: v.array(
    v.strictObject({
      seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
      version,
      kind: v.picklist(["build", "rollback", "hold", "release", "prune"]),
      at: v.pipe(v.string(), v.isoTimestamp()),
      by: v.string(),
      reason: v.string(),
      commit_id: v.string(),
    }),
  ),
});
