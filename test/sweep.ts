/** Returns how much of a sweep to run: `ci` in the suite, `nightly` in `scripts/nightly.mjs`. */
export function sweep({ ci, nightly }: { readonly ci: number; readonly nightly: number }): number {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo does not run the tests.
  return process.env.MLFORGE_SWEEP === "nightly" ? nightly : ci;
}
