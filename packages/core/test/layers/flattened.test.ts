import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { Untyped } from "../../src/define/expr.js";
import { type AnyFeature, Definitions, feature, source, t } from "../../src/index.js";
import { collect } from "../train/collect.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

/** How a feature computes its rows from those of others: `of` and `with` count back from it, and 0 is the source. */
const step = fc.record({
  kind: fc.constantFrom("times", "filter", "rolling", "asOf"),
  of: fc.nat(3),
  with: fc.nat(3),
  n: fc.integer({ min: 1, max: 3 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const event = fc.record({ user: fc.constantFrom("a", "b"), hour: fc.nat(96), v: fc.option(fc.integer({ min: -9, max: 9 })) });
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;
const events = fc.uniqueArray(event, { minLength: 2, maxLength: 10, selector: ({ user, hour }) => `${user} ${hour}` });

/** Every relation has the columns user, at, and v. */
function apply({ kind, n }: Step, rows: Untyped, other: Untyped): Untyped {
  switch (kind) {
    case "times":
      return rows.derive(({ v }: Untyped) => ({ v: v.times(n) }));
    case "filter":
      return rows.filter(({ v }: Untyped) => v.gte(n - 3));
    case "rolling":
      return rows
        .rolling({ keys: ["user"], every: "1d", windows: [`${n}d`], aggregate: ({ v }: Untyped) => ({ v: v.sum() }) })
        .select("user", "at", { v: `v_${n}d` });
    case "asOf":
      return rows
        .asOfJoin(other.select("user", { seen: "at", w: "v" }), { on: "user" })
        .derive(({ v, w }: Untyped) => ({ v: v.plus(w.coalesce(n)) }))
        .select("user", "at", "v");
  }
}

/** Features of these steps, each over the published rows of others, and the same features over the source alone. */
function featuresOf(
  steps: readonly Step[],
  path: string,
): { readonly layered: readonly AnyFeature[]; readonly flat: readonly AnyFeature[] } {
  const columns = { user: t.string({ nullable: false }), at: t.timestamp({ nullable: false }), v: t.int64() };
  const all = source({ name: "events", path, columns, timestamp: "at" });
  const keys = ["user"] as const;
  const parents = (index: number): readonly [number, number] => {
    const { of = 0, with: other = 0 } = steps[index] ?? {};
    return [Math.max(index - 1 - of, -1), Math.max(index - 1 - other, -1)];
  };
  const layered: Untyped[] = [];
  for (const [index, each] of steps.entries()) {
    const [parent, other] = parents(index).map((place) => layered[place] ?? all);
    const transform = (rows: Untyped, from: Untyped): Untyped => apply(each, rows, from(other));
    layered.push(feature({ name: `layered_${index}`, source: parent, keys, transform }));
  }
  const rowsOf = (index: number, from: Untyped): Untyped => {
    const each = steps[index];
    const [parent, other] = parents(index);
    return each === undefined ? from(all) : apply(each, rowsOf(parent, from), rowsOf(other, from));
  };
  const flat = steps.map((_, index) =>
    feature({ name: `flat_${index}`, source: all, keys, transform: (_rows: Untyped, from: Untyped): Untyped => rowsOf(index, from) }),
  );
  return { layered, flat };
}

const write = (path: string, rows: readonly Event[]): Promise<void> =>
  writeFile(
    path,
    `${rows.map(({ user, hour, v }) => JSON.stringify({ user, at: new Date(Date.UTC(2024, 0, 1, hour)).toISOString(), v })).join("\n")}\n`,
  );

it("features over features have the rows of their definitions over the source, also after the source changed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), events, events, async (steps, before, after) => {
      const folder = await mkdtemp(join(tmpdir(), "mlforge-flattened-"));
      try {
        const path = join(folder, "events.ndjson");
        const { layered, flat } = featuresOf(steps, path);
        const offlineStore = new LocalStore(join(folder, "store"));
        // The order must not matter.
        const defs = new Definitions({ name: "flattened", features: [...layered, ...flat].reverse(), offlineStore, engine });
        for (const rows of [before, after]) {
          await write(path, rows);
          expect((await defs.build()).failed).toEqual([]);
          const read = async (name: string) => defs.readFeature(name);
          for (const index of steps.keys()) {
            const [own, wanted] = [await read(`layered_${index}`), await read(`flat_${index}`)];
            expect(await collect(own.rows())).toEqual(await collect(wanted.rows()));
            for (const input of own.metadata.inputs ?? []) {
              const { metadata } = await read(input.feature);
              expect(input).toMatchObject({ version: metadata.version, commit_id: metadata.commit_id });
            }
          }
          expect((await defs.plan()).features.every(({ action }) => action === "skip")).toBe(true);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 4 },
  );
});
