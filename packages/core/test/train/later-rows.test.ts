import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { contentOf } from "../../src/define/relation-builder.js";
import { type AnyFeature, Definitions, feature, isMlforgeError } from "../../src/index.js";
import { temporalColumns, timedRelation, timedSourcesIn, timedTables, turningPoint, upTo } from "../define/timed-plans.js";
import { writeTables } from "../define/write-tables.js";
import { collect } from "./collect.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

const windows = { every: "1d", windows: ["2d", "3d"] } as const;

/** A feature that the analysis accepts; undefined for what is drawn beside it. */
function featureOf(relation: unknown, name: string, pick: number, folder: string): AnyFeature | undefined {
  const times = temporalColumns(relation);
  const timestamp = times[pick % times.length];
  const content = contentOf(relation);
  if (timestamp === undefined || content?.schema.some((column) => column.name === "k") !== true) return undefined;
  const values = content.schema.filter((column) => column.kind === "int64" && column.name !== "k").map((column) => column.name);
  try {
    return define(relation, { name, timestamp, values, isRolling: pick % 3 === 0, folder });
  } catch (error) {
    if (isMlforgeError(error, "DEFINITION_INVALID")) return undefined;
    throw error;
  }
}

interface Definition {
  readonly name: string;
  readonly timestamp: string;
  readonly values: readonly string[];
  readonly isRolling: boolean;
  readonly folder: string;
}

/** One row for each key and timestamp, so that any relation can be a feature. */
function define(relation: unknown, { name, timestamp, values, isRolling, folder }: Definition): AnyFeature {
  // biome-ignore lint/suspicious/noExplicitAny: random relations have no types.
  const rows: any = relation;
  const unique = rows
    .filter((row: typeof rows) => row.k.isNotNull().and(row[timestamp].isNotNull()))
    .groupBy("k", timestamp)
    .aggregate((row: typeof rows) => ({
      rows: row.k.count(),
      ...Object.fromEntries(values.filter((each) => each !== "rows").map((each) => [`${each}_max`, row[each].max()])),
    }));
  const rolling = isRolling ? { rolling: { ...windows, aggregations: { rows: ["sum", "max"] } } } : {};
  const defined: unknown = feature({
    name,
    source: timedSourcesIn(folder).events,
    keys: ["k"],
    timestamp,
    transform: () => unique,
    ...rolling,
  } as never);
  return defined as AnyFeature;
}

const drawnFeatures = (folder: string) =>
  fc.array(fc.tuple(timedRelation(5, timedSourcesIn(folder)), fc.nat()), { minLength: 12, maxLength: 12 }).map((all) =>
    all.flatMap(([relation, pick], index) => {
      const made = featureOf(relation, `f${index}`, pick, folder);
      return made === undefined ? [] : [made];
    }),
  );

describe("training rows of earlier labels", () => {
  it("stay the same when later rows of any source are added", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mlforge-later-"));
    let compared = 0;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(drawnFeatures(folder), timedTables, turningPoint, async (features, tables, timestamp) => {
        const defs = new Definitions({ name: "test", features, offlineStore: new LocalStore(join(folder, `store${run++}`)), engine });
        const at = [timestamp - 43_200_000_000, timestamp].map((each) => new Date(each / 1_000));
        const labels = at.flatMap((label_at) => [0, 1, 2].map((k) => ({ k, label_at })));
        const train = async (names: readonly string[]): Promise<readonly unknown[]> => {
          const chosen = names.map((name) => ({ feature: name, prefix: `${name}_` }));
          return collect((await defs.getTrainingData({ labels, timestamp: "label_at", features: chosen })).rows());
        };
        await writeTables(folder, upTo(timestamp, tables));
        const before = await defs.build();
        // Two newest rows are refused, and nothing else.
        expect(before.failed.map(({ error }) => error.code).filter((code) => code !== "KEY_VIOLATION")).toEqual([]);
        const early = await train(before.built.map(({ feature: name }) => name));
        await writeTables(folder, tables);
        const after = await defs.build();
        const failed = new Set(after.failed.map(({ feature: name }) => name));
        expect(after.failed.map(({ error }) => error.code).filter((code) => code !== "KEY_VIOLATION")).toEqual([]);
        expect(await train(before.built.map(({ feature: name }) => name))).toEqual(early);
        compared += before.built.length - failed.size;
      }),
      { numRuns: 2 },
    );
    await rm(folder, { recursive: true, force: true });
    expect(compared).toBeGreaterThan(5);
  });
});
