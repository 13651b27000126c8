import * as v from "valibot";

/** What `mlforge init --json` prints. `path` is absolute; `files` are relative to it, with `/` between folders. */
export const initDocument = v.strictObject({
  path: v.string(),
  files: v.array(v.string()),
  /** Whether what the project needs was installed. */
  installed: v.boolean(),
});
