import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, entity, feature, parseLock, source, surrogateKey, t } from "../../src/index.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-made-keys-"));
  await writeFile(
    join(folder, "visits.csv"),
    "when,first,last,pages\n1600000000,Ada,Lovelace,1\n1600086400,Ada,Lovelace,2\n1600086400,Al,,5\n",
  );
  await writeFile(
    join(folder, "labels.csv"),
    "day,last,first,bought\n14/09/2020 00:00,Lovelace,Ada,1\n20/09/2020 10:00,,Al,0\n20/09/2020 10:00,Al,,0\n",
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function define() {
  const visits = source({
    path: join(folder, "visits.csv"),
    columns: { when: t.timestamp({ unit: "s" }), first: t.string(), last: t.string(), pages: t.int64() },
    timestamp: "when",
  });
  const user = entity({ name: "user", joinKey: "user_id", from: ["first", "last"] });
  const weekly = feature({
    name: "weekly",
    source: visits,
    entities: [user],
    rolling: { every: "1d", windows: ["7d"], aggregations: { pages: ["sum"] } },
  });
  const last = feature({
    name: "last",
    source: visits,
    entities: [user],
    transform: (rows) => rows.select("user_id", "when", "pages"),
    ttl: "2d",
  });
  const labels = source({
    path: join(folder, "labels.csv"),
    columns: { day: t.timestamp({ format: "%d/%m/%Y %H:%M" }), first: t.string(), last: t.string(), bought: t.int64() },
  });
  const defs = new Definitions({
    name: "visits",
    features: [weekly, last],
    offlineStore: new LocalStore(join(folder, "store")),
    engine: new DuckDBEngine(),
  });
  return { defs, weekly, last, labels, user };
}

async function all<R>(rows: AsyncIterable<R>): Promise<R[]> {
  const found = [];
  for await (const row of rows) found.push(row);
  return found;
}

const early = new Date("2020-09-14T00:00:00Z");
const late = new Date("2020-09-20T10:00:00Z");

describe("labels without a key that is made of other columns", () => {
  it("get it made of theirs, from whatever text their times are, and again by the lock", async () => {
    const { defs, weekly, last, labels } = define();
    await using project = defs;
    expect((await project.build()).failed).toEqual([]);
    const training = await project.getTrainingData({ labels, timestamp: "day", features: [weekly, last] });
    const expected = [
      { day: early, first: "Ada", last: "Lovelace", bought: 1, weekly__pages__sum__1d__7d: 1, pages: 1 },
      { day: late, first: "Al", last: null, bought: 0, weekly__pages__sum__1d__7d: 5, pages: null },
      { day: late, first: null, last: "Al", bought: 0, weekly__pages__sum__1d__7d: null, pages: null },
    ];
    expect(await all(training.rows())).toEqual(expected);
    const lock = parseLock(JSON.parse(JSON.stringify(training.lock)));
    expect(await all((await project.getTrainingData({ lock })).rows())).toEqual(expected);
  });

  it("may also bring the key", async () => {
    const { defs, last, user } = define();
    await using project = defs;
    await project.build();
    const labels = [{ user_id: surrogateKey(user, { first: "Ada", last: "Lovelace" }), at: new Date("2020-09-15T00:00:00Z") }];
    const training = await project.getTrainingData({ labels, timestamp: "at", features: [last] });
    expect((await all(training.rows())).map(({ pages }) => pages)).toEqual([2]);
  });

  it("are refused where a column is missing or of another kind, which would give other keys", async () => {
    const { defs, last } = define();
    await using project = defs;
    await project.build();
    const make = (labels: readonly Record<string, string | number | Date>[]) =>
      project.getTrainingData({ labels, timestamp: "at", features: [last] });
    await expect(make([{ first: "Ada", lst: "Lovelace", at: late }])).rejects.toMatchObject({
      code: "LABELS_INVALID",
      details: { problems: [expect.stringMatching(/for the derived key "user_id".*"last".*did you mean "lst"/)] },
    });
    await expect(make([{ first: "Ada", last: 7, at: late }])).rejects.toMatchObject({
      code: "LABELS_INVALID",
      details: { problems: [expect.stringContaining('"last" is int64 in the labels')] },
    });
  });

  it("are explained by the key that was made", async () => {
    const { defs, last, labels, user } = define();
    await using project = defs;
    await project.build();
    const { features } = await project.explainRow({ labels, index: 1, timestamp: "day", features: [last] });
    expect(features).toMatchObject([
      { outcome: "too_old", keys: { user_id: surrogateKey(user, { first: "Al", last: null }) }, newest: { values: { pages: 5n } } },
    ]);
  });
});
