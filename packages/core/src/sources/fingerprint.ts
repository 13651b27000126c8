import { createHash } from "node:crypto";

/** SHA-256 of the canonical JSON of a value, in lower-case hex. Equal values have equal fingerprints, whatever the order of their keys. */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** JSON with the keys of every object in order (as RFC 8785 has it) and without undefined ones. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
