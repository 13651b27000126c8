import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DefinitionIssues } from "../../src/define/definition-issues.js";
import { contentOf } from "../../src/define/relation-builder.js";
import { feature } from "../../src/features/feature.js";
import { checkTimes } from "../../src/resolve/check-times.js";
import {
  evaluateTimed,
  type Tables,
  temporalColumns,
  timedRelation,
  timedSourcesIn,
  timedTables,
  turningPoint,
  upTo,
} from "../define/timed-plans.js";

const sources = timedSourcesIn("data");
const anyFeature = feature({ name: "any", source: sources.events, keys: ["k"] });

type Plan = Parameters<typeof evaluateTimed>[0];

/** A plan with the column that is its timestamp, and whether a feature of it is accepted. */
interface Drawn {
  readonly plan: Plan;
  readonly timestamp: string;
  readonly isAccepted: boolean;
}

/** @param timeless Whether every join and group says that it is independent of time. */
function drawn({ timeless }: { readonly timeless: boolean }): fc.Arbitrary<Drawn> {
  const withTime = timedRelation(5, sources, timeless).filter((relation) => temporalColumns(relation).length > 0);
  return fc.tuple(withTime, fc.nat()).map(([relation, pick]) => {
    const content = contentOf(relation);
    const times = temporalColumns(relation);
    const timestamp = times[pick % times.length];
    if (content === undefined || timestamp === undefined) throw new TypeError("no relation with a time");
    const issues = new DefinitionIssues();
    checkTimes(anyFeature, timestamp, content, issues);
    return { plan: content.plan, timestamp, isAccepted: !issues.any };
  });
}

/** The rows stamped up to `cutoff`, as text in an order of their own. */
function earlier({ plan, timestamp }: Drawn, tables: Tables, cutoff: number): readonly string[] {
  const rows = evaluateTimed(plan, tables).filter((row) => (row[timestamp] ?? cutoff + 1) <= cutoff);
  return rows.map((row) => JSON.stringify(row)).sort();
}

function isUnchanged(each: Drawn, tables: Tables, cutoff: number): boolean {
  return earlier(each, tables, cutoff).join("\n") === earlier(each, upTo(cutoff, tables), cutoff).join("\n");
}

describe("adding later rows of any source", () => {
  it("changes no earlier row of a definition that is accepted", () => {
    const accepted = drawn({ timeless: false }).filter(({ isAccepted }) => isAccepted);
    return fc.assert(
      fc.property(accepted, timedTables, turningPoint, (each, tables, cutoff) => {
        expect(earlier(each, tables, cutoff)).toEqual(earlier(each, upTo(cutoff, tables), cutoff));
      }),
      { numRuns: 2_000 },
    );
  });

  it("changes earlier rows of some that are refused", () => {
    const refused = drawn({ timeless: false }).filter(({ isAccepted }) => !isAccepted);
    expect(fc.check(fc.property(refused, timedTables, turningPoint, isUnchanged), { numRuns: 1_000 }).failed).toBe(true);
  });

  it("changes earlier rows of some that call it timeless", () => {
    const forced = drawn({ timeless: true }).filter(({ isAccepted }) => isAccepted);
    expect(fc.check(fc.property(forced, timedTables, turningPoint, isUnchanged), { numRuns: 1_000 }).failed).toBe(true);
  });
});
