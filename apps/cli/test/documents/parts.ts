import * as v from "valibot";

/** What several documents have in common. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const version = v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/));
export const change = v.picklist(["initial", "major", "minor", "patch"]);
export const error = v.strictObject({ code: v.string(), message: v.string() });
export const failed = v.strictObject({ feature: v.string(), error });
const step = v.picklist(["reading", "computing", "checking", "publishing"]);
export const seconds = v.record(step, v.optional(v.pipe(v.number(), v.minValue(0))));
