import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { collect } from "./collect.js";
import { type Happening, newestThen, windowThen } from "./known-then.js";
import { type FormRow, formNames, labelForm } from "./label-forms.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-training-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Each run holds this many cases: entities of their own, with their events and labels. */
const casesAtOnce = 50;
const runs = 20;

const every = 2_000;
const windows = [2_000, 6_000];

/** Pairs of keys that are the same when they are written one after another. */
const pairs = [
  ["x", "yz"],
  ["xy", "z"],
  ["xyz", ""],
  ["é", "'"],
] as const;
const pair = fc.constantFrom(...pairs);
const base = fc.constantFrom(0, Date.parse("2024-03-31T00:59:58Z"), Date.parse("0001-01-01T00:00:10Z"), Date.parse("9999-12-31T23:59:00Z"));
const offset = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -4, max: 40 }).map((n) => n * 500) },
  { weight: 1, arbitrary: fc.constant(1) },
);
const event = fc.record({ pair, offset, value: fc.option(fc.integer({ min: -5, max: 5 })), late: fc.boolean() });
const label = fc.record({
  a: fc.option(pair, { freq: 12 }),
  b: fc.option(fc.constant(true), { freq: 12 }),
  offset: fc.option(offset, { freq: 12 }),
});
const oneCase = fc.record({
  base,
  events: fc.uniqueArray(event, { maxLength: 12, selector: ({ pair: [a, b], offset: at }) => `${a} ${b} ${at}` }),
  labels: fc.array(label, { maxLength: 6 }),
});
const ttls = { "1s": 1_000, "3s": 3_000, "1h": 3_600_000 } as const;
const given = fc.record({
  cases: fc.array(oneCase, { minLength: casesAtOnce, maxLength: casesAtOnce }),
  ttl: fc.constantFrom(undefined, "1s", "3s", "1h"),
  allowExactMatches: fc.boolean(),
  form: fc.constantFrom(...formNames),
  order: fc.infiniteStream(fc.nat()),
});

type Given = typeof given extends fc.Arbitrary<infer G> ? G : never;

interface Event extends Happening {
  readonly a: string;
  readonly b: string;
  readonly late: boolean;
}

/** The keys of all cases are kept apart by their number, at the front, where it leaves the collisions as they are. */
function eventsOf(cases: Given["cases"]): readonly Event[] {
  return cases.flatMap(({ base: from, events }, index) =>
    events.map(({ pair: [a, b], offset: at, value, late }) => ({
      a: `${index}${a}`,
      b,
      key: keyOf(`${index}${a}`, b),
      at: from + at,
      value,
      late,
    })),
  );
}

function labelsOf({ cases, order }: Given): readonly FormRow[] {
  const nobody = { a: null, b: null, at: null };
  const labels = cases.flatMap(({ base: from, labels: all }, index) =>
    all.map(({ a, b, offset: at }) => ({
      a: a === null ? null : `${index}${a[0]}`,
      b: a === null || b === null ? null : a[1],
      at: at === null ? null : new Date(from + at),
    })),
  );
  // Objects tell the columns of labels only where there are some.
  labels.push(nobody);
  const places = new Map(labels.map((row) => [row, order.next().value]));
  return labels.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0)).map((row, id) => ({ id, ...row }));
}

function keyOf(a: string, b: string): string {
  return JSON.stringify([a, b]);
}

async function writeLines(path: string, rows: readonly unknown[]): Promise<void> {
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

const keys = ["a", "b"] as const;
const columns = { a: t.string(), b: t.string(), at: t.timestamp(), v: t.int64() };

describe("a training set", () => {
  it("is the labels, each with what was known at its time", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(given, async (drawn) => {
        const place = join(folder, String(run++));
        await mkdir(place);
        const events = eventsOf(drawn.cases);
        const labels = labelsOf(drawn);
        const { ttl, allowExactMatches } = drawn;
        const happened = source({ path: join(place, "events.ndjson"), columns, timestamp: "at" });
        const places = source({ path: join(place, "places.ndjson"), columns: { a: t.string(), b: t.string(), name: t.string() } });
        const plain = feature({ name: "plain", source: happened, keys, ttl });
        const rolled = feature({
          name: "rolled",
          source: happened,
          keys,
          ttl,
          rolling: { every: "2s", windows: ["2s", "6s"], aggregations: { v: ["sum", "count"] } },
        });
        const always = feature({ name: "always", source: places, keys, static: true });
        const store = new LocalStore(join(place, "store"));
        const defs = new Definitions({ name: "test", features: [plain, rolled, always], offlineStore: store, engine });
        const write = (some: readonly Event[]): Promise<void> =>
          writeLines(
            join(place, "events.ndjson"),
            // The file is never empty, so that its columns are found.
            [...some, { a: "nobody", b: "", at: 0, value: 1 }].map(({ a, b, at, value: v }) => ({
              a,
              b,
              at: new Date(at).toISOString(),
              v,
            })),
          );
        const entities = [...new Map(events.map((one) => [one.key, { a: one.a, b: one.b, name: one.key }])).values()];
        await writeLines(join(place, "places.ndjson"), [{ a: "nobody", b: "", name: "nobody" }, ...entities]);
        const early = events.filter(({ late }) => !late);
        await write(early);
        expect((await defs.build()).failed).toEqual([]);
        await write(events);
        expect((await defs.build()).failed).toEqual([]);
        const latest = early.length === events.length ? "1.0.0" : "1.0.1";
        const training = await defs.getTrainingData({
          labels: await labelForm(drawn.form, labels, place, engine),
          timestamp: "at",
          features: ["plain", "rolled", always, { feature: plain, version: "1.0.0", columns: ["at", "v"], prefix: "early_" }],
          allowExactMatches,
          withTimestamps: true,
        });
        expect(training.lock.features.map(({ version }) => version)).toEqual([latest, latest, "1.0.0", "1.0.0"]);
        const age = ttl === undefined ? Number.POSITIVE_INFINITY : ttls[ttl];
        const expected = labels.map((row) => {
          const key = row.a === null || row.b === null ? null : keyOf(row.a, row.b);
          const timestamp = { key, at: row.at?.getTime() ?? null, exact: allowExactMatches };
          const [short, long] = windows.map((window) => windowThen(events, timestamp, { every, window, windows, ttl: age }));
          const newest = newestThen(events, timestamp, age);
          const before = newestThen(early, timestamp, age);
          const timeOf = (at: number | null | undefined): Date | null => (typeof at === "number" ? new Date(at) : null);
          return [
            ["id", row.id],
            ["a", row.a],
            ["b", row.b],
            ["at", row.at],
            ["v", newest?.value ?? null],
            ["plain_timestamp", timeOf(newest?.at)],
            ["rolled__v__sum__2s__2s", short?.sum],
            ["rolled__v__sum__2s__6s", long?.sum],
            ["rolled__v__count__2s__2s", short?.count],
            ["rolled__v__count__2s__6s", long?.count],
            ["rolled_timestamp", timeOf(long?.at)],
            ["name", events.find((one) => one.key === key)?.key ?? null],
            ["early_at", timeOf(before?.at)],
            ["early_v", before?.value ?? null],
            ["early_plain_timestamp", timeOf(before?.at)],
          ];
        });
        const rows = await collect(training.rows());
        expect(rows).toEqual(expected.map((values) => Object.fromEntries(values)));
        expect(training.columns.map(({ name }) => name)).toEqual(expected[0]?.map(([name]) => name));
      }),
      { numRuns: runs },
    );
  });
});
