import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partitions } from "../../src/define/partition.js";
import { dayAt, periodNamed, periodsBetween } from "../../src/periods/period.js";

const day = fc.integer({ min: -719_162, max: 2_932_896 });

describe("periods", () => {
  it("are named as the calendar names them", () => {
    const names = (text: string): string[] =>
      partitions.flatMap((partition) => {
        const at = Date.parse(text) / 86_400_000;
        return periodsBetween(at, at, partition, "f").map(({ name }) => name);
      });
    expect(names("2024-02-29")).toEqual(["2024-02-29", "2024-W09", "2024-02", "2024"]);
    // Weeks of ISO 8601: the first has the first Thursday of its year.
    expect(names("2021-01-03")).toEqual(["2021-01-03", "2020-W53", "2021-01", "2021"]);
    expect(names("2024-12-30")).toEqual(["2024-12-30", "2025-W01", "2024-12", "2024"]);
    expect(names("0001-01-01")).toEqual(["0001-01-01", "0001-W01", "0001-01", "0001"]);
    expect(names("9999-12-31")).toEqual(["9999-12-31", "9999-W52", "9999-12", "9999"]);
  });

  it("follow each other without a gap, sort by name, and are found by name", () => {
    void fc.assert(
      fc.property(day, fc.nat(400), fc.constantFrom(...partitions), (first, length, partition) => {
        const last = Math.min(first + length, 2_932_896);
        const periods = periodsBetween(first, last, partition, "f");
        expect(periods[0]?.start).toBeLessThanOrEqual(first);
        expect(periods.at(-1)?.end).toBeGreaterThan(last);
        for (const [index, { end }] of periods.slice(0, -1).entries()) expect(periods[index + 1]?.start).toBe(end);
        expect(periods.map(({ name }) => name).sort()).toEqual(periods.map(({ name }) => name));
        expect(periods.map(({ name }) => periodNamed(name, partition))).toEqual(periods);
      }),
    );
    for (const name of ["", "2024-13", "2024-W54", "2023-02-29", "2024-2", "24", "0000"]) {
      expect([name, ...partitions.map((partition) => periodNamed(name, partition))]).toEqual([
        name,
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  it("hold the times of a day, also before 1970", () => {
    expect([-1n, 0n, 86_399_999_999n, 86_400_000_000n, -86_400_000_000n, -86_400_000_001n].map(dayAt)).toEqual([-1, 0, 0, 1, -1, -2]);
  });
});
