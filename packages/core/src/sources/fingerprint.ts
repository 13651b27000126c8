import { createHash } from "node:crypto";

/**
 * Returns the SHA-256 of the canonical JSON of a value, in lowercase hex. Equal values have equal fingerprints, regardless of the order of their
 * keys.
 */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** Returns JSON with the keys of every object sorted as in RFC 8785, and without undefined values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
