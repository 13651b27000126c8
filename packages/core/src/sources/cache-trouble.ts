import { MlforgeError } from "@mlforge/spec";

const full: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];
const refused: readonly unknown[] = ["EACCES", "EPERM", "EROFS", "ENOTDIR"];

/** The error that says what a system error means for the cache in `folder`, and what to do; other errors pass. */
export function cacheTrouble(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const options = { cause: error };
  if (full.includes(error.code)) {
    const message = `no room in the cache ${folder}; free space, or give Definitions cache: { path } on a larger volume`;
    return new MlforgeError("STORE_FULL", message, { store: "cache", key: folder }, options);
  }
  if (!refused.includes(error.code)) return error;
  const message = `the cache ${folder} cannot be used (${error.message}); give Definitions cache: { path } with a folder that can be written`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "cache.path" }, options);
}
