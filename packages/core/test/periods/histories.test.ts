import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sweep } from "../../../../test/sweep.js";
import { Definitions, type RowValue } from "../../src/index.js";
import { type Event, type Files, featureKinds, featuresIn, writeFiles } from "./project.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-periods-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const hour = 3_600_000_000n;
/** Around the end of a year, the end of a week-based year, and a leap day. */
const first = BigInt(Date.UTC(2023, 11, 28)) * 1000n;
const edges = ["2023-12-31T23:59:59.999Z", "2024-01-01T00:00:00Z", "2024-02-29T12:00:00Z", "2024-03-01T00:00:00Z"];
const user = fc.constantFrom("ann", "bo", "cy");

/** Up to six events within some days. */
function eventsIn(days: number): fc.Arbitrary<readonly Omit<Event, "id">[]> {
  const time = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: days * 24 }).map((hours) => first + BigInt(hours) * hour) },
    fc.constantFrom(...edges.map((text) => BigInt(Date.parse(text)) * 1000n + 999n)),
  );
  return fc.array(fc.record({ at: time, user, amount: fc.integer({ min: -5, max: 5 }) }), { maxLength: 6 });
}

const fileName = fc.constantFrom("events/a.csv", "events/b.csv", "events/c.csv", "plans/a.csv", "plans/b.csv");

/** A change of the files: a file with other rows, one with more rows, one that is removed, or one that gets another name. */
function changeIn(days: number) {
  const rows = eventsIn(days);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("write" as const), name: fileName, rows }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("append" as const), name: fileName, rows }) },
    fc.record({ kind: fc.constant("remove" as const), name: fileName }),
    fc.record({ kind: fc.constant("rename" as const), name: fileName }),
    fc.record({ kind: fc.constant("countries" as const), country: fc.constantFrom("DE", "US") }),
  );
}
type Change = ReturnType<typeof changeIn> extends fc.Arbitrary<infer C> ? C : never;

const history = fc.constantFrom("day" as const, "week" as const, "month" as const, "year" as const).chain((partition) =>
  fc.record({
    kind: fc.constantFrom(...featureKinds),
    partition: fc.constant(partition),
    changes: fc.array(changeIn(partition === "day" ? 6 : 70), { minLength: 2, maxLength: 4 }),
  }),
);

let nextId = 0;
function withIds(rows: readonly Omit<Event, "id">[]): readonly Event[] {
  return rows.map((row) => ({ ...row, id: nextId++ }));
}

function changed(files: Files, each: Change): Files {
  const next = new Map(files);
  if (each.kind === "write") next.set(each.name, withIds(each.rows));
  else if (each.kind === "append") next.set(each.name, [...(files.get(each.name) ?? []), ...withIds(each.rows)]);
  else if (each.kind === "remove") next.delete(each.name);
  else if (each.kind === "rename") {
    const rows = files.get(each.name);
    next.delete(each.name);
    if (rows !== undefined) next.set(each.name.replace(/(\w+)\.csv/, "z$1.csv"), rows);
  }
  return next;
}

const always: Files = new Map([
  ["events/first.csv", [{ id: -1, at: first, user: "ann", amount: 1 }]],
  ["plans/first.csv", [{ id: -2, at: first, user: "ann", amount: 1 }]],
]);

it("a version that is built by periods has the rows of one that is not, after any history of its sources", {
  timeout: 600_000,
}, async () => {
  const seed = Date.now();
  const samples = fc.sample(history, { numRuns: sweep({ ci: 25, nightly: 1000 }), seed });
  for (const [index, { kind, partition, changes }] of samples.entries()) {
    const place = join(folder, String(index));
    const offlineStore = new LocalStore(join(place, "store"));
    const defs = new Definitions({ name: "periods", features: featuresIn(place, kind, partition), offlineStore, engine });
    let files = always;
    await writeFiles(place, files, new Map());
    await writeFile(join(place, "users.csv"), "user,country\nann,DE\nbo,US\n");
    for (const [step, each] of [undefined, ...changes].entries()) {
      const written = files;
      if (each?.kind === "countries") await writeFile(join(place, "users.csv"), `user,country\nann,${each.country}\n`);
      else if (each !== undefined) {
        files = changed(files, each);
        await writeFiles(place, files, written);
      }
      const where = { seed, index, kind, partition, step };
      const [planned] = (await defs.plan({ features: ["divided"] })).features;
      const { failed, built } = await defs.build();
      expect({ ...where, failed }).toEqual({ ...where, failed: [] });
      const divided = built.find(({ feature }) => feature === "divided");
      const plan = planned?.action === "build" ? planned.periods : undefined;
      if (plan?.computed !== undefined) {
        const { computed, kept } = divided?.periods ?? {};
        expect({ ...where, computed, kept }).toEqual({ ...where, computed: plan.computed.length, kept: plan.kept });
      } else if (step > 0) expect({ ...where, whole: divided?.periods?.whole }).toEqual({ ...where, whole: plan?.whole });
      expect({ ...where, rows: await rowsOf(defs, "divided") }).toEqual({ ...where, rows: await rowsOf(defs, "whole") });
    }
    await rm(place, { recursive: true });
  }
});

async function rowsOf(defs: Definitions, name: string): Promise<readonly string[]> {
  const rows: string[] = [];
  const data = await defs.readFeature(name);
  for await (const row of data.rows({ timestamp: "microseconds" })) rows.push(JSON.stringify(row, plain).replaceAll(`"${name}__`, '"'));
  return rows.sort();
}

function plain(_: string, value: RowValue): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
