import { memoryStore } from "@mlforge/testkit/store";
import type { Table } from "apache-arrow";
import { describe, expectTypeOf, it } from "vitest";
import { Definitions, entity, feature, type RowValue, source, type TrainingData, t } from "../../src/index.js";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string({ nullable: false }), delay: t.int64({ nullable: false }), fare: t.decimal(10, 2) },
  timestamp: "date",
});
const keys = ["origin"] as const;
const plain = feature({ name: "plain", source: flights, keys });
const rolled = feature({
  name: "rolled",
  source: flights,
  keys,
  rolling: { every: "1d", windows: ["7d"], aggregations: { delay: ["mean", "count"] } },
});
const loose = feature({ name: "loose", source: source({ path: "loose.csv" }), keys });
const defs = new Definitions({ name: "flights", features: [plain, { rolled }], offlineStore: memoryStore() });
const timeless = feature({ name: "timeless", source: flights, keys, timestamp: null, static: true });
const timedDefs = new Definitions({ name: "flights", features: [plain, rolled, timeless], offlineStore: memoryStore() });
const looseDefs = new Definitions({ name: "loose", features: [loose], offlineStore: memoryStore() });

const labels = [{ origin: "SEA", at: new Date(0), late: true }];
/** What a row has where nothing is known of it. */
type Anything = Exclude<RowValue, bigint>;
interface Label {
  readonly origin: string;
  readonly at: Date;
  readonly late: boolean;
}

type RowsOf<P> = P extends Promise<TrainingData<infer R>> ? R : never;

describe("the rows of a training set", () => {
  it("are those of the labels with the columns of the features, which may be null", () => {
    const training = () => defs.getTrainingData({ labels, timestamp: "at", features: [plain, "rolled"] });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{
      origin: string;
      at: Date;
      late: boolean;
      delay: number | null;
      fare: string | null;
      rolled__delay__mean__1d__7d: number | null;
      rolled__delay__count__1d__7d: number | null;
    }>();
  });

  it("have the elements of lists and vectors and the fields of structs", () => {
    const columns = {
      origin: t.string({ nullable: false }),
      tags: t.list(t.string()),
      embedding: t.vector(3, "float32"),
      best: t.struct({ fare: t.float64() }),
    };
    const nested = feature({ name: "nested", source: source({ path: "nested.parquet", columns }), keys });
    const nestedDefs = new Definitions({ name: "nested", features: [nested], offlineStore: memoryStore() });
    const training = () =>
      nestedDefs.getTrainingData({ labels, features: ["nested", { feature: nested, columns: ["tags"], prefix: "p_" }] });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{
      origin: string;
      at: Date;
      late: boolean;
      tags: readonly (string | null)[] | null;
      embedding: Float32Array | null;
      best: { fare: number | null } | null;
      p_tags: readonly (string | null)[] | null;
    }>();
  });

  it("are the labels alone where there are no features", () => {
    const training = () => defs.getTrainingData({ labels, features: [] });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{ origin: string; at: Date; late: boolean }>();
  });

  it("have the columns that are taken, by their new names", () => {
    const training = () =>
      defs.getTrainingData({
        labels,
        timestamp: "at",
        features: [
          { feature: plain, columns: ["date", "fare"], rename: { date: "known" }, prefix: "p_" },
          { feature: "rolled", columns: ["rolled__delay__mean__1d__7d"], rename: { rolled__delay__mean__1d__7d: "mean" } },
          { feature: "plain", prefix: "again_" },
        ],
      });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{
      origin: string;
      at: Date;
      late: boolean;
      known: Date | null;
      p_fare: string | null;
      mean: number | null;
      again_delay: number | null;
      again_fare: string | null;
    }>();
  });

  it("have the timestamps of the features that have one, on request", () => {
    const features = [plain, { feature: "rolled", columns: [], prefix: "r_" }, { feature: timeless, columns: [] }] as const;
    const training = () => timedDefs.getTrainingData({ labels, timestamp: "at", features, withTimestamps: true });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{
      origin: string;
      at: Date;
      late: boolean;
      delay: number | null;
      fare: string | null;
      plain_timestamp: Date | null;
      r_rolled_timestamp: Date | null;
    }>();
    const without = () => timedDefs.getTrainingData({ labels, timestamp: "at", features: [], withTimestamps: true });
    expectTypeOf<RowsOf<ReturnType<typeof without>>>().toEqualTypeOf<{ origin: string; at: Date; late: boolean }>();
    const no = () => timedDefs.getTrainingData({ labels, timestamp: "at", features: ["plain"], withTimestamps: false });
    expectTypeOf<RowsOf<ReturnType<typeof no>>>().not.toHaveProperty("plain_timestamp");
    const version = () => timedDefs.getTrainingData({ labels, timestamp: "at", features: ["plain@^1.0"], withTimestamps: true });
    expectTypeOf<RowsOf<ReturnType<typeof version>>["plain_timestamp"]>().toEqualTypeOf<Anything>();
  });

  it("have what labels give when they are read back: numbers for bigints, null for what was left out", () => {
    const given: readonly {
      readonly id: bigint;
      readonly weight?: number | undefined;
      readonly note: string | null;
      readonly raw: Uint8Array;
    }[] = [];
    const training = () => defs.getTrainingData({ labels: given, features: [] });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{
      id: number;
      weight: number | null;
      note: string | null;
      raw: Uint8Array;
    }>();
  });

  it("have the declared columns of a source", () => {
    const declared = source({ path: "labels.csv", columns: { origin: t.string({ nullable: false }), at: t.date() } });
    const training = () =>
      defs.getTrainingData({ labels: declared, timestamp: "at", features: [{ feature: "plain", columns: ["delay"] }] });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{ origin: string; at: Date | null; delay: number | null }>();
  });

  it("of files are known as far as the call names their columns, and of tables as far as the features go", () => {
    const paths = () =>
      defs.getTrainingData({ labels: "labels.parquet", timestamp: "at", features: [{ feature: "plain", columns: ["delay"] }] });
    expectTypeOf<RowsOf<ReturnType<typeof paths>>["delay"]>().toEqualTypeOf<number | null>();
    expectTypeOf<RowsOf<ReturnType<typeof paths>>>().toEqualTypeOf<{ origin: RowValue; at: RowValue; delay: number | null }>();
    const declared = () =>
      defs.getTrainingData({
        labels: ["a.parquet", "b.parquet"],
        labelTypes: { buyer: t.int64(), late: t.boolean({ nullable: false }) },
        timestamp: "at",
        features: [{ feature: "plain", columns: ["delay"], keys: { origin: "buyer" } }],
      });
    expectTypeOf<RowsOf<ReturnType<typeof declared>>>().toEqualTypeOf<{
      at: RowValue;
      buyer: number | null;
      late: boolean;
      delay: number | null;
    }>();
    const alone = () => defs.getTrainingData({ labels: "labels.parquet", features: [] });
    expectTypeOf<RowsOf<ReturnType<typeof alone>>["any"]>().toEqualTypeOf<RowValue>();
    const table = (arrow: Table) => defs.getTrainingData({ labels: arrow, timestamp: "at", features: ["plain"] });
    expectTypeOf<RowsOf<ReturnType<typeof table>>["fare"]>().toEqualTypeOf<string | null>();
  });

  it("of a version are not typed, since it may be of another shape", () => {
    const reference = () => defs.getTrainingData({ labels, timestamp: "at", features: ["plain@^1.0"] });
    expectTypeOf<RowsOf<ReturnType<typeof reference>>["anything"]>().toEqualTypeOf<Anything>();
    const selection = () =>
      defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: plain, version: "1.0.0", columns: ["gone"] }] });
    expectTypeOf<RowsOf<ReturnType<typeof selection>>["gone"]>().toEqualTypeOf<Anything>();
    const locked = (training: TrainingData) => defs.getTrainingData({ lock: training.lock });
    expectTypeOf<ReturnType<typeof locked>>().toEqualTypeOf<Promise<TrainingData>>();
  });

  it("with every digit are not typed", () => {
    const rows = (training: TrainingData<Label>) => training.rows({ int64: "bigint" });
    expectTypeOf<ReturnType<typeof rows>>().toEqualTypeOf<AsyncIterable<Record<string, RowValue>>>();
  });

  it("of features without declared columns may have any", () => {
    const training = () =>
      looseDefs.getTrainingData({ labels, timestamp: "at", features: [{ feature: loose, columns: ["any"], rename: { any: "x" } }] });
    expectTypeOf<RowsOf<ReturnType<typeof training>>["x"]>().toEqualTypeOf<Anything>();
  });
});

describe("labels", () => {
  const route = entity({ name: "route", joinKey: "route_id", from: ["origin", "fare"] });
  const routes = feature({ name: "routes", source: flights, entities: [route] });
  const routeDefs = new Definitions({ name: "routes", features: [routes, plain], offlineStore: memoryStore() });

  it("need the keys of the features, but not those that are derived from other columns", () => {
    void (() => routeDefs.getTrainingData({ labels: [{ origin: "SEA", fare: "1.00", at: new Date(0) }], features: ["routes", routes] }));
    // @ts-expect-error no key
    void (() => routeDefs.getTrainingData({ labels: [{ fare: "1.00", at: new Date(0) }], features: ["plain"] }));
    // @ts-expect-error no key of a feature given as an object
    void (() => routeDefs.getTrainingData({ labels: [{ fare: "1.00" }], features: [plain] }));
    // @ts-expect-error no key of a selection
    void (() => routeDefs.getTrainingData({ labels: [{ fare: "1.00" }], features: [{ feature: "plain", prefix: "p_" }] }));
    void (() => routeDefs.getTrainingData({ labels: [{ from: "SEA" }], features: [{ feature: plain, keys: { origin: "from" } }] }));
  });

  it("may have rows of several shapes, or none", () => {
    const mixed: readonly ({ readonly origin: string; readonly at: Date } | { readonly origin: string; readonly note: string })[] = [];
    void (() => defs.getTrainingData({ labels: mixed, timestamp: "at", features: ["plain"] }));
    void (() => defs.getTrainingData({ labels: [], timestamp: "at", features: ["plain"] }));
    void (() => defs.getTrainingData({ labels: [{ origin: null, at: null }], timestamp: "at", features: ["plain"] }));
    void ((at: string) => defs.getTrainingData({ labels, timestamp: at, features: ["plain"] }));
  });

  it("have a timestamp or date to predict at", () => {
    // @ts-expect-error no such column
    void (() => defs.getTrainingData({ labels, timestamp: "att", features: ["plain"] }));
    // @ts-expect-error a boolean
    void (() => defs.getTrainingData({ labels, timestamp: "late", features: ["plain"] }));
  });
});

describe("versions", () => {
  it("are numbers, ranges, and latest", () => {
    const choices = ["plain@latest", "plain@1.0.2", "plain@^1.0", "plain@>=1.0 <2 || 3.x", { feature: plain, version: "~1.2" }] as const;
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: choices }));
    void ((version: string) =>
      defs.getTrainingData({ labels, timestamp: "at", features: [`plain@${version}`, { feature: plain, version }] }));
    // @ts-expect-error no version
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: ["plain@newest"] }));
    // @ts-expect-error no version
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: plain, version: "one" }] }));
  });
});

describe("what is misspelt does not compile", () => {
  it("such as the name of a feature", () => {
    // @ts-expect-error no such feature
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: ["plian"] }));
    // @ts-expect-error no such feature, whatever its version
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: ["plian@1.0.0"] }));
    // @ts-expect-error no such feature to take something of
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: "plian" }] }));
  });

  it("such as a column", () => {
    // @ts-expect-error no such column
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: plain, columns: ["dleay"] }] }));
    // @ts-expect-error no such column beside one that is there
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: ["rolled", { feature: "plain", columns: ["delay", "dleay"] }] }));
    // @ts-expect-error a key, which the labels have
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: "plain", columns: ["origin"] }] }));
    // @ts-expect-error no such column to rename
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: plain, rename: { dleay: "d" } }] }));
    // @ts-expect-error no column, but what one was made of
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: rolled, columns: ["delay"] }] }));
  });

  it("such as an option of a choice", () => {
    // @ts-expect-error no such option
    void (() => defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: "plain", prefx: "p_" }] }));
  });

  it("may take one feature for two columns of the labels, whose names are checked", () => {
    const sales = [{ from: "SEA", to: "JFK", at: new Date(0) }];
    const training = () =>
      defs.getTrainingData({
        labels: sales,
        timestamp: "at",
        features: [
          { feature: plain, columns: ["delay"], keys: { origin: "from" }, prefix: "from_" },
          { feature: "plain", columns: ["delay"], keys: { origin: "to" }, prefix: "to_" },
        ],
      });
    expectTypeOf<RowsOf<ReturnType<typeof training>>>().toEqualTypeOf<{
      from: string;
      to: string;
      at: Date;
      from_delay: number | null;
      to_delay: number | null;
    }>();
    // @ts-expect-error "orign" is not a key of the feature
    defs.getTrainingData({ labels: sales, timestamp: "at", features: [{ feature: plain, keys: { orign: "from" } }] });
    // @ts-expect-error the labels have no column "form"
    defs.getTrainingData({ labels: sales, timestamp: "at", features: [{ feature: plain, keys: { origin: "form" } }] });
    defs.getTrainingData({ labels: "sales.parquet", timestamp: "at", features: [{ feature: plain, keys: { origin: "form" } }] });
  });
});
