import * as v from "valibot";

/** What several documents have in common. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const version = v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/));
export const change = v.picklist(["initial", "major", "minor", "patch"]);
export const error = v.strictObject({ code: v.string(), message: v.string() });
export const failed = v.strictObject({ feature: v.string(), error });
const spent = v.optional(v.pipe(v.number(), v.minValue(0)));
export const seconds = v.strictObject({ reading: spent, computing: spent, checking: spent, publishing: spent });
