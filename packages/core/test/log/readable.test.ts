import { isMlforgeError } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPointer } from "../../src/log/pointer.js";
import { observe, observeFor, publish } from "../../src/log/publish.js";
import { listVersions, resolveVersion } from "../../src/log/versions.js";
import { candidate, logOf } from "./candidates.js";

/** Numbers at both ends of what a version can have, and between. */
const part = fc.oneof(fc.nat(3), fc.integer({ min: 999_999_997, max: 1_000_000_001 }), fc.nat(2_000_000_000));
const version = fc.tuple(part, part, part).map((parts) => parts.join("."));

type Step = { readonly kind: "patch" | "minor" | "major" } | { readonly kind: "chosen"; readonly version: string };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>({ kind: "patch" }, { kind: "minor" }, { kind: "major" }),
  version.map((chosen): Step => ({ kind: "chosen", version: chosen })),
);

describe("every number that can be published", () => {
  it("can be read, and the feature can be built again under another number", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const store = memoryStore();
        const published = new Set<string>();
        let columns = ["k"];
        for (const [index, step] of steps.entries()) {
          const log = logOf(store, `commit ${index}`);
          if (step.kind === "major") columns = [`k${index}`];
          const logic = step.kind === "patch" ? "logic" : `logic ${index}`;
          const chosen = step.kind === "chosen" ? { version: step.version } : {};
          const next = candidate(log, { columns, logic, source: `source ${index}`, ...chosen });
          const observed = step.kind === "chosen" ? await observeFor(log, step.version).catch(() => undefined) : await observe(log);
          if (observed === undefined) continue;
          try {
            const outcome = await publish(log, next, observed);
            if (outcome.kind === "published") published.add(outcome.metadata.version);
          } catch (error) {
            // Refused before it is claimed, so that the folder of the number does not exist.
            if (!isMlforgeError(error, "VERSION_INVALID", "METADATA_INVALID")) throw error;
          }
          const latest = (await readPointer(store, "f"))?.value.version;
          if (latest !== undefined) expect(published).toContain(latest);
          const { versions, broken } = await listVersions(store, "f");
          expect(broken).toEqual([]);
          expect(new Set(versions.map((found) => found.version))).toEqual(published);
          for (const number of published) expect((await resolveVersion(store, "f", number)).version).toBe(number);
          for await (const entry of store.list("f/")) {
            if (entry.kind === "object") expect([...published, "_latest.json"]).toContain(entry.info.key.split("/")[1]);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("is refused where the highest of its kind is taken, and says which can be chosen", async () => {
    const store = memoryStore();
    const first = logOf(store, "a");
    await publish(first, candidate(first, { version: "1.0.999999999" }), await observeFor(first, "1.0.999999999"));
    const log = logOf(store, "b");
    await expect(publish(log, candidate(log, { source: "new" }), await observe(log))).rejects.toMatchObject({
      code: "VERSION_INVALID",
      message:
        "no patch version follows 1.0.999999999, because each of the three numbers has at most nine digits; choose a number with --version",
    });
    expect((await readPointer(store, "f"))?.value.version).toBe("1.0.999999999");
  });
});

describe("a document that no reader would accept", () => {
  it("is refused before it is written", async () => {
    const store = memoryStore();
    const log = logOf(store, "a");
    const huge = candidate(log, { columns: Array.from({ length: 60_000 }, (_, index) => `column_${index}`) });
    await expect(publish(log, huge, await observe(log))).rejects.toMatchObject({
      code: "METADATA_INVALID",
      message: expect.stringContaining("was not written, because it could not be read again: it has "),
    });
    expect((await listVersions(store, "f")).broken).toEqual([]);
    expect(await readPointer(store, "f")).toBeUndefined();
  });
});
