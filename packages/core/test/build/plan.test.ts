import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Store } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { memoryStore, recordingStore } from "@mlforge/testkit/store";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AnyFeature,
  count,
  Definitions,
  type FeaturePlan,
  feature,
  greaterThan,
  notNull,
  type PlannedFeature,
  source,
  sql,
  t,
} from "../../src/index.js";
import { claimVersion } from "../../src/log/claim.js";
import { readPointer, swapPointer } from "../../src/log/pointer.js";
import { observe, publish } from "../../src/log/publish.js";
import { candidate, logOf } from "../log/candidates.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-plan-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What can be edited of a project. */
interface State {
  readonly aggregates: readonly ("flights" | "total" | "worst")[];
  readonly kind: "int64" | "float64";
  readonly keys: readonly ["origin"] | readonly ["origin", "destination"];
  readonly timestamp: boolean;
  readonly filter: number | undefined;
  readonly tags: readonly string[];
  readonly rules: boolean;
  readonly windows: readonly ["1d"] | readonly ["1d", "2d"];
  readonly data: string;
}

const first: State = {
  aggregates: ["flights", "total"],
  kind: "int64",
  keys: ["origin"],
  timestamp: false,
  filter: undefined,
  tags: [],
  rules: false,
  windows: ["1d"],
  data: "2001-01-01 06:00:00,SEA,SFO,5\n",
};

const edit: fc.Arbitrary<Partial<State>> = fc.oneof(
  fc.record({ aggregates: fc.subarray(["flights", "total", "worst"] as const, { minLength: 1 }) }),
  fc.record({ kind: fc.constantFrom("int64", "float64") }),
  fc.record({ keys: fc.constantFrom<State["keys"]>(["origin"], ["origin", "destination"]) }),
  fc.record({ timestamp: fc.boolean() }),
  fc.record({ filter: fc.constantFrom(undefined, 0, 3) }),
  fc.record({ tags: fc.constantFrom([], ["daily"]) }),
  fc.record({ rules: fc.boolean() }),
  fc.record({ windows: fc.constantFrom<State["windows"]>(["1d"], ["1d", "2d"]) }),
  fc.record({
    data: fc.integer({ min: 0, max: 3 }).map((delay) => `2001-01-01 06:00:00,SEA,SFO,5\n2001-01-02 07:00:00,SFO,SEA,${delay}\n`),
  }),
  fc.constant({}),
);

function featuresOf(state: State, path: string): readonly AnyFeature[] {
  const delay = state.kind === "int64" ? t.int64() : t.float64();
  const columns = { date: t.timestamp(), origin: t.string(), destination: t.string(), delay };
  const flights = source({ path, columns, timestamp: "date" });
  const { tags, aggregates, filter } = state;
  const total = feature({
    name: "total",
    source: flights,
    keys: state.keys,
    timestamp: state.timestamp ? "date" : null,
    transform: (rows) => {
      const kept = filter === undefined ? rows : rows.filter((row) => row.delay.gte(filter));
      return kept.groupBy("origin", "destination", "date").aggregate((row) => ({
        ...(aggregates.includes("flights") ? { flights: count() } : {}),
        ...(aggregates.includes("total") ? { total: row.delay.sum() } : {}),
        ...(aggregates.includes("worst") ? { worst: row.delay.max() } : {}),
      }));
    },
    validators: state.rules ? [notNull("origin")] : [],
    tags,
  });
  const recent = feature({
    name: "recent",
    source: flights,
    keys: state.keys,
    rolling: { every: "1d", windows: state.windows, aggregations: { delay: ["count"] } },
    tags,
  });
  return [total, recent];
}

function project(store: Store, features: readonly AnyFeature[]): Definitions {
  return new Definitions({ name: "plan", features, offlineStore: store, engine });
}

async function newData(text: string): Promise<string> {
  const path = join(folder, `${files++}.csv`);
  await writeFile(path, `date,origin,destination,delay\n${text}`);
  return path;
}

function planned(plan: FeaturePlan | undefined): PlannedFeature {
  if (plan === undefined || plan.action === "fail") throw new Error(`not planned: ${plan?.error.message}`);
  return plan;
}

const columns = { k: t.string(), value: t.int64() };

/** A feature over lines of keys and values. */
function simple(path: string, options: { readonly tags?: readonly string[]; readonly rules?: readonly number[] } = {}): AnyFeature {
  const { tags = [], rules = [] } = options;
  return feature({
    name: "f",
    source: source({ path, columns }),
    keys: ["k"],
    tags,
    validators: rules.map((least) => greaterThan("value", least)),
  });
}

async function simpleData(text = "a,1\n"): Promise<string> {
  const path = join(folder, `${files++}.csv`);
  await writeFile(path, `k,value\n${text}`);
  return path;
}

describe("a plan", () => {
  it("says what the build that follows does, through random edits of definitions and data", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), fc.boolean(), async (edits, force) => {
        const store = memoryStore();
        const path = await newData(first.data);
        let state = first;
        for (const next of [{}, ...edits]) {
          state = { ...state, ...next };
          await writeFile(path, `date,origin,destination,delay\n${state.data}`);
          const defs = project(store, featuresOf(state, path));
          const options = { force: force && next !== edits[0] };
          const { features: plans } = await defs.plan(options);
          const { built, skipped, failed } = await defs.build(options);
          // A plan knows of nothing that only computing tells.
          const known = plans.filter(
            ({ feature: name }) => !failed.some((each) => each.feature === name && each.error.code === "KEY_VIOLATION"),
          );
          for (const plan of known) {
            if (plan.action === "fail") {
              expect(failed.map(({ feature: name, error }) => [name, error.code])).toContainEqual([plan.feature, plan.error.code]);
            } else if (plan.action === "build") {
              const made = built.find(({ feature: name }) => name === plan.feature);
              expect([made?.version, made?.change, made?.reason, made?.latest]).toEqual([
                plan.next,
                plan.change,
                plan.why,
                plan.becomesLatest,
              ]);
              const { change_summary, parent_version } = await defs.versions.inspect(plan.feature);
              expect(change_summary).toEqual({ bump_type: plan.change, reason: plan.reason, details: plan.details });
              expect(parent_version).toBe(plan.latest);
            } else {
              expect(skipped).toContainEqual(expect.objectContaining({ feature: plan.feature, version: plan.next, reason: plan.why }));
            }
          }
          if (failed.length > 0) continue;
          const after = (await defs.plan()).features;
          expect(after.map(({ action }) => action)).toEqual(["skip", "skip"]);
          for (const plan of after) {
            const { columns: changes, keys, timestamp, logic } = planned(plan).differences ?? { columns: undefined };
            expect([Object.values(changes ?? {}).flat(), keys, timestamp]).toEqual([[], undefined, undefined]);
            expect(logic?.filter(({ kind }) => kind !== "same")).toEqual([]);
          }
        }
      }),
      { numRuns: 25 },
    );
  }, 180_000);

  it("writes nothing, and reads what a build without anything to do reads, and a claim", async () => {
    const { store, operations } = recordingStore(memoryStore());
    const path = await simpleData();
    const defs = project(store, [simple(path)]);
    await defs.plan();
    expect(operations.map(({ name, key }) => `${name} ${key}`)).toEqual([
      "get f/_latest.json",
      "get f/1.0.0/.meta.json",
      "head f/1.0.0/.claim.json",
    ]);
    await defs.build();
    const before = operations.length;
    await defs.plan();
    expect(operations.slice(before).map(({ name, key }) => `${name} ${key}`)).toEqual(["get f/_latest.json", "get f/1.0.0/.meta.json"]);
  });

  it("tells all that changed, not only what decides", async () => {
    const path = await simpleData();
    const store = memoryStore();
    await project(store, [simple(path)]).build();
    const from = source({ path, columns: { k: t.string(), value: t.int64() } });
    const query = "SELECT k, 1.5 AS value, 2 AS more FROM source";
    const transform = sql({ query, columns: { k: t.string({ nullable: false }), value: t.float64(), more: t.int64() } });
    const other = feature({ name: "f", source: from, keys: ["k", "more"], transform, tags: ["new"], description: "Another" });
    const plan = planned((await project(store, [other]).plan()).features[0]);
    expect(plan).toMatchObject({ action: "build", latest: "1.0.0", next: "2.0.0", change: "major", reason: "dtype_changed", held: false });
    const { differences, source: read } = plan;
    expect(differences).toMatchObject({
      columns: {
        added: [{ name: "more", dtype: "int64" }],
        removed: [],
        retyped: [{ name: "value", from: "int64", to: "float64" }],
        nullable: [],
      },
      keys: { from: ["k"], to: ["k", "more"] },
      timestamp: undefined,
      tags: { from: [], to: ["new"] },
      description: { from: undefined, to: "Another" },
      validators: { added: [], removed: [], changed: [] },
    });
    expect(differences?.logic?.filter(({ kind }) => kind === "added").map(({ text }) => text)).toContain(`  ${query}`);
    expect(read).toEqual({ changed: false, files: 1, queries: 0, bytes: (await stat(path)).size });
  });

  it("skips where only tags or validators differ, and says so", async () => {
    const path = await simpleData();
    const store = memoryStore();
    await project(store, [simple(path, { rules: [-1, -2] })]).build();
    const plan = planned((await project(store, [simple(path, { rules: [-2, -3], tags: ["new"] })]).plan()).features[0]);
    expect(plan).toMatchObject({ action: "skip", next: "1.0.0", change: undefined, why: "nothing changed" });
    expect(plan.differences).toMatchObject({
      tags: { from: [], to: ["new"] },
      validators: { added: ["greaterThan(value, -3)"], removed: ["greaterThan(value, -1)"], changed: [] },
    });
  });

  it("goes past a number that a build which died has claimed, as a build does", async () => {
    const path = await simpleData();
    const store = memoryStore();
    const { committer } = logOf(store, "dead");
    await claimVersion(store, { feature: "f", version: "1.0.0" }, committer);
    await claimVersion(store, { feature: "f", version: "1.0.1" }, committer);
    const defs = project(store, [simple(path)]);
    expect(planned((await defs.plan()).features[0]).next).toBe("1.0.2");
    expect((await defs.build()).built[0]?.version).toBe("1.0.2");
  });

  it("promotes what an earlier build published before it died", async () => {
    const path = await simpleData();
    const store = memoryStore();
    const defs = project(store, [simple(path)]);
    await defs.build();
    await writeFile(path, "k,value\na,2\n");
    await defs.build();
    const moved = await readPointer(store, "f");
    const [, before] = moved?.value.history ?? [];
    if (moved === undefined || before === undefined) throw new Error("there are two moves");
    // As if the second build had died just before its move.
    await store.delete("f/_latest.json");
    await swapPointer(store, "f", undefined, { move: before });
    const plan = planned((await defs.plan()).features[0]);
    expect(plan).toMatchObject({ action: "promote", latest: "1.0.0", next: "1.0.1", change: "patch", becomesLatest: true });
    const { skipped } = await defs.build();
    expect(skipped[0]?.version).toBe("1.0.1");
    expect(skipped[0]?.reason.startsWith(plan.why)).toBe(true);
    expect(planned((await defs.plan()).features[0]).action).toBe("skip");
  });

  it("says that the pointer is held", async () => {
    const path = await simpleData();
    const store = memoryStore();
    const defs = project(store, [simple(path)]);
    await defs.build();
    const pointer = await readPointer(store, "f");
    const move = { version: "1.0.0", kind: "hold", at: "", by: "somebody", reason: "", commit_id: "h" } as const;
    await swapPointer(store, "f", pointer, { move, held: true });
    await writeFile(path, "k,value\na,2\n");
    const plan = planned((await defs.plan()).features[0]);
    expect(plan).toMatchObject({ action: "build", next: "1.0.1", held: true, becomesLatest: false });
    const { built } = await defs.build();
    expect([built[0]?.version, built[0]?.reason, built[0]?.latest]).toEqual(["1.0.1", plan.why, false]);
  });

  it("takes a version and force as a build does", async () => {
    const path = await simpleData();
    const defs = project(memoryStore(), [simple(path)]);
    await defs.build({ version: "3.0.0" });
    expect(planned((await defs.plan({ force: true })).features[0])).toMatchObject({ next: "3.0.1", change: "patch", reason: "forced" });
    const lower = planned((await defs.plan({ version: "2.0.0" })).features[0]);
    expect(lower).toMatchObject({ action: "build", next: "2.0.0", becomesLatest: false, reason: "explicit_version" });
    expect((await defs.build({ version: "2.0.0" })).built[0]).toMatchObject({ version: "2.0.0", reason: lower.why, latest: false });
    expect((await defs.plan({ version: "2.0.0" })).features[0]).toMatchObject({ action: "fail", error: { code: "VERSION_EXISTS" } });
    // @ts-expect-error not three numbers
    await expect(defs.plan({ version: "2" })).rejects.toMatchObject({ code: "VERSION_INVALID" });
  });

  it("goes on where a feature cannot be planned, in the order of the features", async () => {
    const lost = feature({ name: "lost", source: source({ path: join(folder, "nowhere.csv"), columns }), keys: ["k"] });
    const ended: string[] = [];
    const defs = project(memoryStore(), [lost, simple(await simpleData())]);
    const { features } = await defs.plan({ onFeature: ({ feature: name }) => ended.push(name) });
    expect(features.map(({ feature: name, action }) => [name, action])).toEqual([
      ["lost", "fail"],
      ["f", "build"],
    ]);
    expect(features[0]).toMatchObject({ error: { code: "SOURCE_NOT_FOUND" } });
    expect(ended.sort()).toEqual(["f", "lost"]);
  });

  it("tells that a version of old was published without its logic", async () => {
    const store = memoryStore();
    const log = logOf(store, "old");
    await publish(log, candidate(log), await observe(log));
    const plan = planned((await project(store, [simple(await simpleData())]).plan()).features[0]);
    expect(plan.differences?.logic).toBeUndefined();
    expect(plan).toMatchObject({ change: "major", reason: "dtype_changed", source: { changed: true } });
  });

  it("says in a Git clone that the data is not here, as a build does", async () => {
    const path = await simpleData();
    const place = join(folder, "clone");
    const defs = project(new LocalStore(place), [simple(path)]);
    await defs.build();
    await rm(join(place, "f/1.0.0/data.parquet"));
    const plan = planned((await defs.plan()).features[0]);
    expect(plan.why).toContain("mlforge sync");
    expect((await defs.build()).skipped[0]?.reason).toBe(plan.why);
  });

  it("rejects with the reason of an abort", async () => {
    const defs = project(memoryStore(), [simple(await simpleData())]);
    const reason = new Error("enough");
    await expect(defs.plan({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
