/** Returns true if `error` is a system error of Node, with one of `codes` if any are given. */
export function isErrno(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException & { readonly code: string } {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error) || typeof error.code !== "string") return false;
  return codes.length === 0 || codes.includes(error.code);
}

/** Resolves to undefined if the call rejects with one of `codes`. */
export async function unless<T>(codes: readonly string[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isErrno(error, ...codes)) return undefined;
    throw error;
  }
}
