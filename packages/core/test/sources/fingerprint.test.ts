import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, fingerprint } from "../../src/sources/fingerprint.js";

/** Objects with their keys in another order, all the way down. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}

describe("fingerprints", () => {
  it("do not depend on the order of keys", () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(fingerprint(turned(value))).toBe(fingerprint(value));
      }),
    ));

  it("tell values apart that differ", () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        fc.pre(JSON.stringify(JSON.parse(canonicalJson(a))) !== JSON.stringify(JSON.parse(canonicalJson(b))));
        expect(fingerprint(a)).not.toBe(fingerprint(b));
      }),
    ));

  it("are SHA-256 of the canonical text", () => {
    expect(canonicalJson({ b: [1, { d: undefined, c: "é" }], a: null })).toBe('{"a":null,"b":[1,{"c":"é"}]}');
    expect(fingerprint({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  });
});
