/** Returns the error that came first, if disposing of something failed after it. Returns other values unchanged. */
export function causeOf(error: unknown): unknown {
  // Where the runtime has no SuppressedError, the compiler's has this name too.
  if (!(error instanceof Error) || error.name !== "SuppressedError" || !("suppressed" in error)) return error;
  return causeOf(error.suppressed);
}
