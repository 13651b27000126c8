/** Returns the original error if disposing of something failed after it. Returns other values unchanged. */
export function causeOf(error: unknown): unknown {
  // If the runtime has no SuppressedError, the compiler's replacement has the same name.
  if (!(error instanceof Error) || error.name !== "SuppressedError" || !("suppressed" in error)) return error;
  return causeOf(error.suppressed);
}
