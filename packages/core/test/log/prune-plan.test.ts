import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planPrune, type StoredNumber } from "../../src/log/prune-plan.js";

const day = 24 * 60 * 60 * 1_000;

const numbers = fc.uniqueArray(
  fc.record({
    version: fc.tuple(fc.nat(2), fc.nat(11), fc.nat(11)).map((parts) => parts.join(".")),
    state: fc.constantFrom("published", "published", "published", "unreadable", "claimed"),
    at: fc.integer({ min: -5, max: 60 }).map((days) => days * day),
    bytes: fc.nat(100),
    hasFiles: fc.boolean(),
  }),
  { selector: ({ version }) => version, maxLength: 12 },
);
const some = fc.uniqueArray(fc.nat(11));

/** How many of the published numbers in use are higher, part by part as integers. */
function higher(all: readonly StoredNumber[], pruned: readonly string[], than: string): number {
  const value = (version: string): number => version.split(".").reduce((sum, part) => sum * 1_000 + Number(part), 0);
  return all.filter(({ version, state }) => state === "published" && !pruned.includes(version) && value(version) > value(than)).length;
}

describe("what a prune keeps", () => {
  it("is what a rule keeps, each number looked at for itself", () => {
    let [old, abandoned, unfinished] = [0, 0, 0];
    const property = fc.property(
      fc.record({
        all: numbers,
        latest: fc.nat(11),
        gone: some,
        pins: some,
        locks: some,
        keep: fc.nat(6),
        days: fc.integer({ min: 0, max: 40 }),
      }),
      ({ all, latest: latestIndex, gone, pins, locks, keep, days }) => {
        const at = (index: number): string => all[index]?.version ?? "9.9.9";
        const latest = at(latestIndex);
        const pruned = gone.map(at).filter((version) => version !== latest);
        const [pinned, locked] = [pins.map(at), locks.map(at)];
        const now = 50 * day;
        const plan = planPrune(
          all,
          { version: latest, pruned },
          {
            keep,
            olderThan: days * day,
            now,
            isPinned: (version) => pinned.includes(version),
            isLocked: (version) => locked.includes(version),
          },
        );
        const removed = new Map(plan.removed.map(({ version, because }) => [version, because]));
        expect(plan.kept.some(({ version }) => removed.has(version))).toBe(false);
        for (const { version, state, at: moment, hasFiles } of all) {
          const because = removed.get(version);
          const age = now - moment;
          if (version === latest) expect(because).toBeUndefined();
          else if (pruned.includes(version)) expect(because).toBe(hasFiles ? "unfinished" : undefined);
          else if (state === "claimed") expect(because).toBe(age > days * day && age > day ? "abandoned" : undefined);
          else {
            const stays =
              state === "unreadable" ||
              pinned.includes(version) ||
              locked.includes(version) ||
              age <= days * day ||
              higher(all, pruned, version) < keep;
            expect(because).toBe(stays ? undefined : "old");
            expect(plan.kept.some((kept) => kept.version === version)).toBe(stays);
          }
          old += because === "old" ? 1 : 0;
          abandoned += because === "abandoned" ? 1 : 0;
          unfinished += because === "unfinished" ? 1 : 0;
        }
        expect(plan.removed.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
          all.filter(({ version }) => removed.has(version)).reduce((sum, { bytes }) => sum + bytes, 0),
        );
        for (const { because } of plan.kept) expect(because.length).toBeGreaterThan(0);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
    for (const count of [old, abandoned, unfinished]) expect(count).toBeGreaterThan(100);
  });

  it("is told with every reason", () => {
    const stored = (version: string, at: number): StoredNumber => ({ version, state: "published", at, bytes: 1, hasFiles: true });
    const rules = {
      keep: 1,
      olderThan: 30 * day,
      now: 100 * day,
      isPinned: (version: string) => version === "1.0.1",
      isLocked: () => false,
    };
    const all = [stored("1.0.10", 99 * day), stored("1.0.9", 0), stored("1.0.1", 0), stored("1.0.0", 0), stored("1.0.2", 70 * day)];
    expect(planPrune(all, { version: "1.0.10" }, rules)).toEqual({
      removed: [
        { version: "1.0.0", because: "old", bytes: 1 },
        { version: "1.0.9", because: "old", bytes: 1 },
      ],
      kept: [
        { version: "1.0.1", because: ["pinned"] },
        { version: "1.0.2", because: ["recent"] },
        { version: "1.0.10", because: ["latest", "newest", "recent"] },
      ],
    });
  });
});
