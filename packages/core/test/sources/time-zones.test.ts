import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { LocalStore } from "@mlforge/store-local";
import { describeWith, runPython } from "@mlforge/test-servers";
import { Table, TimestampMicrosecond, vectorFromArray } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batches, Definitions, feature, source, t } from "../../src/index.js";

const writeFiles = `
import sys, pandas as pd
folder = sys.argv[1]
at = pd.to_datetime(["2024-03-10T06:30:00.000001"] * 3) + pd.to_timedelta([0, 1, 2], unit="h")
keys = ["a", "a", "b"]
pd.DataFrame({"k": keys, "at": at, "seen": at, "v": [1, 2, 3]}).to_parquet(folder + "/naive.parquet")
pd.DataFrame({"k": keys, "at": at.tz_localize("UTC"), "seen": at.tz_localize("UTC"), "v": [1, 2, 3]}).to_parquet(folder + "/utc.parquet")
`;

/** For each file, the types of its timestamps. */
const zonesOf = `
import sys, json, pyarrow as pa, pyarrow.parquet as pq
schemas = [pq.read_schema(path) for path in sys.argv[1:]]
print(json.dumps([{field.name: str(field.type) for field in schema if pa.types.is_timestamp(field.type)} for schema in schemas]))
`;

const utc = "timestamp[us, tz=UTC]";
const naive = "timestamp[us]";

describeWith("tables", "Time zones in Parquet", () => {
  let folder = "";
  const engine = new DuckDBEngine({ threads: 1 });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-zones-"));
    runPython(writeFiles, [folder]);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const zones = (...paths: readonly string[]): unknown => JSON.parse(runPython(zonesOf, paths));
  const columns = { k: t.string(), at: t.timestamp(), seen: t.timestamp(), v: t.int64() };

  /** Two features of which one reads local times and one adjusted ones. */
  async function built(store: string): Promise<{ readonly defs: Definitions; readonly paths: readonly string[] }> {
    const features = ["naive", "utc"].map((name) => {
      const rows = source({ path: join(folder, `${name}.parquet`), columns, timestamp: "at" });
      return feature({ name, source: rows, keys: ["k"] });
    });
    const defs = new Definitions({ name: "zones", features, offlineStore: new LocalStore(join(folder, store)), engine });
    await defs.build();
    return { defs, paths: features.map(({ name }) => join(folder, store, name, "1.0.0", "data.parquet")) };
  }

  it("a version is adjusted to UTC, whatever its source is", async () => {
    const { paths } = await built("built");
    expect(zones(...paths)).toEqual(paths.map(() => ({ at: utc, seen: utc })));
    const readBack = `
import sys, pandas as pd
frames = [pd.read_parquet(path) for path in sys.argv[1:]]
print(frames[0].equals(frames[1]), frames[0]["at"].dtype, frames[0]["at"].astype(str).tolist())
`;
    expect(runPython(readBack, paths).trim()).toBe(
      "True datetime64[us, UTC] ['2024-03-10 06:30:00.000001+00:00', '2024-03-10 07:30:00.000001+00:00', '2024-03-10 08:30:00.000001+00:00']",
    );
  });

  it("a version of a function is too, without an engine", async () => {
    const rows = source({ path: join(folder, "naive.parquet"), columns, timestamp: "at" });
    const own = feature({
      name: "own",
      source: rows,
      keys: ["k"],
      transform: batches({
        columns,
        async *run(input) {
          yield* input;
        },
      }),
    });
    const store = new LocalStore(join(folder, "function"));
    const { failed } = await new Definitions({ name: "zones", features: [own], offlineStore: store, format: new ParquetFormat() }).build();
    expect(failed).toEqual([]);
    expect(zones(join(folder, "function/own/1.0.0/data.parquet"))).toEqual([{ at: utc, seen: utc }]);
  });

  it("DuckDB under another zone joins every row", async () => {
    const { paths } = await built("elsewhere");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'America/New_York'");
    const timestamps =
      "(VALUES ('2024-03-10T06:30:00.000001Z'), ('2024-03-10T07:30:00.000001Z'), ('2024-03-10T08:30:00.000001Z')) AS m(text)";
    const query = `SELECT count(*)::INTEGER FROM read_parquet('${paths[0]}') AS f JOIN ${timestamps} ON f.at = m.text::TIMESTAMPTZ`;
    expect((await connection.runAndReadAll(query)).getRows()).toEqual([[3]]);
    connection.closeSync();
    instance.closeSync();
  });

  describe("of a training set", () => {
    const merge = `
import sys, pandas as pd
labels, training = pd.read_parquet(sys.argv[1]), pd.read_parquet(sys.argv[2])
merged = labels.merge(training, on=["k", "at"], validate="one_to_one")
print(len(merged), labels["at"].dtype == training["at"].dtype, merged["naive_v"].tolist() == labels["v"].tolist())
`;

    it.each(["naive", "utc"])("labels that are %s stay so, and merge with it", async (name) => {
      const { defs } = await built(`training_${name}`);
      const path = join(folder, `${name}.parquet`);
      const declared = source({ path, columns: { k: t.string(), at: t.timestamp(), v: t.int64() } });
      for (const labels of [path, declared]) {
        for (const count of [1, 2]) {
          const features = ["naive", "utc"].slice(0, count).map((feature) => ({ feature, prefix: `${feature}_` }));
          const training = await defs.getTrainingData({ labels, timestamp: "at", features });
          const written = join(folder, `${name}_${count}.parquet`);
          await training.write(written);
          const zone = name === "utc" ? utc : naive;
          const own = labels === path ? { at: zone, seen: zone } : { at: zone };
          expect(zones(written)).toEqual([{ ...own, naive_seen: utc, ...(count === 2 ? { utc_seen: utc } : {}) }]);
          expect(runPython(merge, [path, written]).trim()).toBe("3 True True");
        }
      }
    });

    it("a table of local times keeps them, and Dates are UTC", async () => {
      const { defs } = await built("values");
      const timestamps = [new Date("2024-03-10T07:00:00Z")];
      const table = new Table({ k: vectorFromArray(["a"]), at: vectorFromArray(timestamps, new TimestampMicrosecond()) });
      const found: unknown[] = [];
      for (const labels of [table, timestamps.map((at) => ({ k: "a", at }))]) {
        const written = join(folder, `values_${found.length}.parquet`);
        await (await defs.getTrainingData({ labels, timestamp: "at", features: ["naive"] })).write(written);
        found.push(zones(written));
      }
      expect(found).toEqual([[{ at: naive, seen: utc }], [{ at: utc, seen: utc }]]);
    });
  });
});
