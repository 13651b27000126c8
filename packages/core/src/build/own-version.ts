/**
 * The version of this package, which metadata names. Compiled in, since a bundle has no `package.json` beside it. `scripts/version.mjs` writes it, and
 * a test compares it with `package.json`.
 */
export const ownVersion = "0.0.0";
