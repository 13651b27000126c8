import * as v from "valibot";

const version = v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/));

export const rollbackDocument = v.strictObject({
  feature: v.string(),
  from: v.nullable(version),
  to: version,
  moved: v.boolean(),
  held: v.boolean(),
  dry_run: v.boolean(),
});
