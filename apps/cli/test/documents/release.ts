import * as v from "valibot";

export const releaseDocument = v.strictObject({
  feature: v.string(),
  version: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/)),
  released: v.boolean(),
});
