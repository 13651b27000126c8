import { MlforgeError } from "@mlforge/spec";

const full: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** Returns an error that explains what a system error means for the cache in `folder`, and what to do. Returns other errors unchanged. */
export function cacheTrouble(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const options = { cause: error };
  if (full.includes(error.code)) {
    const message = `no space left in the cache ${folder}; free some space, or pass cache: { path } with a folder on a larger volume to Definitions`;
    return new MlforgeError("STORE_FULL", message, { store: "cache", key: folder }, options);
  }
  const message = `the cache ${folder} cannot be used (${error.message}); pass cache: { path } with a writable folder to Definitions`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "cache.path" }, options);
}
