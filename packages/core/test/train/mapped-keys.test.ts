import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { Float64, Table, Utf8, vectorFromArray } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Definitions, entity, type FeatureChoice, feature, type Labels, source, t } from "../../src/index.js";
import { collect } from "./collect.js";
import { failureOf } from "./failure-of.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
/** Not typed, as those of a program that reads what to choose. */
let defs: Definitions;

function definitions(): Definitions {
  const users = source({
    path: join(folder, "users.csv"),
    columns: { user_id: t.int64(), at: t.timestamp(), spend: t.int64() },
    timestamp: "at",
  });
  const places = source({ path: join(folder, "places.csv"), columns: { city: t.string(), zip: t.string(), people: t.int64() } });
  const stats = feature({ name: "stats", source: users, keys: ["user_id"] });
  const place = entity({ name: "place", joinKey: "place_key", from: ["city", "zip"] });
  const size = feature({ name: "size", source: places, entities: [place], static: true });
  return new Definitions({ name: "shop", features: [stats, size], offlineStore: new LocalStore(join(folder, "store")), engine });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-keys-"));
  await writeFile(
    join(folder, "users.csv"),
    "user_id,at,spend\n1,2024-01-01,10\n1,2024-01-03,30\n2,2024-01-02,20\n9007199254740992,2024-01-01,7\n",
  );
  await writeFile(join(folder, "places.csv"), "city,zip,people\nRome,1,100\nOslo,2,200\n");
  defs = definitions();
  await defs.build();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const at = new Date("2024-01-02T12:00:00Z");
const sales = [
  { buyer_id: 1, seller_id: 2, at },
  { buyer_id: 2, seller_id: 3, at },
  { buyer_id: null, seller_id: 1, at: new Date("2024-02-01T00:00:00Z") },
];
const both = [
  { feature: "stats", keys: { user_id: "buyer_id" }, prefix: "buyer_" },
  { feature: "stats", keys: { user_id: "seller_id" }, prefix: "seller_" },
] as const;

describe("the keys of a choice", () => {
  it("let one feature serve the buyer and the seller, also out of a lock", async () => {
    const training = await defs.getTrainingData({ labels: sales, timestamp: "at", features: both });
    const rows = await collect(training.rows());
    expect(rows.map(({ buyer_spend, seller_spend }) => [buyer_spend, seller_spend])).toEqual([
      [10, 20],
      [20, null],
      [null, 30],
    ]);
    const lock = JSON.parse(JSON.stringify(training.lock));
    expect(await collect((await defs.getTrainingData({ labels: sales, lock })).rows())).toEqual(rows);
  });

  it("may name what a key is made of, in several ways in one training set", async () => {
    const labels = [{ from_city: "Rome", from_zip: "1", city: "Oslo", zip: "2" }];
    const keys = { city: "from_city", zip: "from_zip" } as const;
    const training = await defs.getTrainingData({
      labels,
      features: [
        { feature: defs.feature("size"), columns: ["people"] },
        { feature: "size", columns: ["people"], keys, prefix: "from_" },
      ],
    });
    expect(await collect(training.rows())).toEqual([{ ...labels[0], people: 200, from_people: 100 }]);
    const lock = JSON.parse(JSON.stringify(training.lock));
    expect(await collect((await defs.getTrainingData({ labels, lock })).rows())).toEqual([{ ...labels[0], people: 200, from_people: 100 }]);
  });

  it("are explained by the names of the labels", async () => {
    const { features } = await defs.explainRow({ labels: sales, index: 0, timestamp: "at", features: both });
    expect(features.map(({ keys, outcome, newest }) => [keys, outcome, newest?.values])).toEqual([
      [{ buyer_id: 1n }, "found", { buyer_spend: 10n }],
      [{ seller_id: 2n }, "found", { seller_spend: 20n }],
    ]);
  });

  it("that the feature or the labels do not have are refused", async () => {
    // As from the command line, where no types hold.
    const wrong: FeatureChoice = { feature: "stats", keys: { user: "buyer_id", user_id: "buyer" } };
    const error = await failureOf(
      defs.getTrainingData({
        labels: sales,
        timestamp: "at",
        features: [wrong, { feature: "stats", prefix: "x_" }],
      }),
      "LABELS_INVALID",
    );
    expect(error.details.problems).toEqual([
      expect.stringMatching(/^keys: no column "user" in the keys of feature "stats"; known columns: user_id$/),
      'the key "user_id" of feature "stats": no column "buyer" in the labels; known columns: buyer_id, seller_id, at',
      expect.stringMatching(/^a key of feature "stats": no column "user_id" in the labels/),
    ]);
  });
});

describe("a float key of labels", () => {
  const forms: readonly (readonly [string, (values: readonly (number | null)[]) => Promise<Labels>])[] = [
    ["objects", async (values) => values.map((user_id, id) => ({ id: `l${id}`, user_id: user_id ?? Number.NaN, half: 0.5, at }))],
    [
      "an Arrow table",
      async (values) =>
        new Table({
          id: vectorFromArray(
            values.map((_, id) => `l${id}`),
            new Utf8(),
          ),
          user_id: vectorFromArray([...values], new Float64()),
          at: vectorFromArray(values.map(() => at)),
        }),
    ],
    [
      "a file",
      async (values) => {
        const path = join(folder, "float-labels.csv");
        await writeFile(
          path,
          `id,user_id,at\n${values.map((value, id) => `l${id},${value === null ? "" : value.toFixed(1)},2024-01-02T12:00:00Z\n`).join("")}`,
        );
        return source({ path, columns: { id: t.string(), user_id: t.float64(), at: t.timestamp() } });
      },
    ],
  ];

  it.each(forms)("in %s joins the integer that it is, and stays a float", async (_, labelsOf) => {
    const labels = await labelsOf([1, null, 2, 9007199254740992]);
    const training = await defs.getTrainingData({ labels, timestamp: "at", features: ["stats"] });
    expect(training.columns.find(({ name }) => name === "user_id")?.kind).toBe("float64");
    const rows = await collect(training.rows());
    expect(rows.map(({ id, spend }) => [id, spend])).toEqual([
      ["l0", 10],
      ["l1", null],
      ["l2", 20],
      ["l3", 7],
    ]);
    expect(rows[0]).toMatchObject({ user_id: 1 });
  });

  it.each(forms)("in %s that is no whole number up to 2^53 is refused with its value", async (_, labelsOf) => {
    for (const [value, shown] of [
      [1.5, "1.5"],
      [-9007199254740994, "-9007199254740994"],
    ] as const) {
      const labels = await labelsOf([1, value]);
      const error = await failureOf(defs.getTrainingData({ labels, timestamp: "at", features: ["stats"] }), "LABELS_INVALID");
      expect(error.details.problems).toEqual([
        expect.stringContaining(`the key "user_id" of the labels has the value ${shown}, but the key of the feature is an integer`),
      ]);
    }
  });
});
