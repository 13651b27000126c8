import * as v from "valibot";

export const profileDocument = v.strictObject({
  profile: v.nullable(v.string()),
  profiles: v.array(v.string()),
  offline_store: v.strictObject({ name: v.string(), path: v.string() }),
  engine: v.nullable(v.strictObject({ name: v.string(), version: v.string() })),
  format: v.nullable(v.string()),
  schemes: v.array(v.string()),
});
