import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import {
  Binary,
  DateDay,
  Decimal,
  Dictionary,
  DurationSecond,
  Field,
  Int32,
  Int64,
  List,
  makeData,
  Table,
  type Timestamp,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, type LabelRow, type Labels, source, t } from "../../src/index.js";
import { collect } from "./collect.js";
import { failureOf } from "./failure-of.js";
import { type FormRow, formNames, labelForm } from "./label-forms.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-training-"));
  await writeFile(
    join(folder, "events.csv"),
    "a,b,at,v\nx,yz,2024-01-01T00:00:00Z,1\nxy,z,2024-01-02T00:00:00Z,2\nx,yz,2024-01-03T00:00:00Z,3\n",
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Definitions of one built feature, keyed by the columns given. */
async function built(...keys: readonly ("a" | "b")[]): Promise<Definitions> {
  const columns = { a: t.string(), b: t.string(), at: t.timestamp(), v: t.int64() };
  const plain = feature({ name: "plain", source: source({ path: join(folder, "events.csv"), columns, timestamp: "at" }), keys });
  const defs = new Definitions({ name: "test", features: [plain], offlineStore: new LocalStore(join(folder, "store")), engine });
  expect((await defs.build()).failed).toEqual([]);
  return defs;
}

const exact = { int64: "bigint", timestamp: "microseconds" } as const;

/** The rows of labels that no feature is joined to, with every digit. */
async function echo(labels: Labels): Promise<{ readonly kinds: Readonly<Record<string, string>>; readonly rows: readonly unknown[] }> {
  const defs = new Definitions({ name: "test", features: [], offlineStore: new LocalStore(join(folder, "store")), engine });
  const training = await defs.getTrainingData({ labels, features: [] });
  const kinds = Object.fromEntries(training.columns.map(({ name, kind }) => [name, kind]));
  return { kinds, rows: await collect(training.rows(exact)) };
}

const labels: readonly FormRow[] = [
  { id: 5, a: "x", b: "yz", at: new Date("2024-01-03T00:00:00Z") },
  { id: 4, a: "xy", b: "z", at: new Date("2024-01-01T23:59:59.999Z") },
  { id: 3, a: null, b: "z", at: new Date("2024-01-05T00:00:00Z") },
  { id: 2, a: "x", b: "yz", at: null },
  { id: 1, a: "x", b: "yz", at: new Date("2024-01-02T00:00:00.001Z") },
  { id: 0, a: 'it\'s "q", é\n', b: "", at: new Date("1969-12-31T23:59:59.999Z") },
  { id: 7, a: "xy", b: "z", at: new Date("2024-01-02T00:00:00Z") },
];
const values = [3, null, null, null, 1, null, 2];

describe("labels", () => {
  it.each(formNames)("as %s give the same set as in every other form", async (form) => {
    const defs = await built("a", "b");
    const training = await defs.getTrainingData({
      labels: await labelForm(form, labels, folder, engine),
      timestamp: "at",
      features: ["plain"],
    });
    expect(training.columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "id int64",
      "a string",
      "b string",
      "at timestamp",
      "v int64",
    ]);
    expect(await collect(training.rows())).toEqual(labels.map((row, index) => ({ ...row, v: values[index] })));
  });

  it.each(formNames.filter((form) => form !== "objects" && form !== "ndjson"))(
    "as %s of zero rows give an empty set with the right columns",
    async (form) => {
      const defs = await built("a", "b");
      const training = await defs.getTrainingData({
        labels: await labelForm(form, [], folder, engine),
        timestamp: "at",
        features: ["plain"],
      });
      expect(await collect(training.rows())).toEqual([]);
      const table = await training.table();
      expect(table.numRows).toBe(0);
      expect(table.schema.fields.map((field) => `${field.name} ${field.type}`)).toEqual([
        "id Int64",
        "a Utf8",
        "b Utf8",
        "at Timestamp<MICROSECOND, UTC>",
        "v Int64",
      ]);
    },
  );

  it("as no objects have the keys of the features and the timestamp", async () => {
    const defs = await built("a", "b");
    const training = await defs.getTrainingData({
      labels: [],
      timestamp: "at",
      features: ["plain", { feature: "plain", prefix: "again_" }],
    });
    const names = ["a string", "b string", "at timestamp", "v int64", "again_v int64"];
    expect(training.columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual(names);
    expect(await collect(training.rows())).toEqual([]);
    await training.write(join(folder, "empty.parquet"));
    expect((await echo(join(folder, "empty.parquet"))).kinds).toEqual({
      a: "string",
      b: "string",
      at: "timestamp",
      v: "int64",
      again_v: "int64",
    });
  });

  it("come back in the order of the file names, then of the rows, over several row groups", async () => {
    await built("a");
    const write = (name: string, first: number, count: number): Promise<unknown> =>
      engine.write(
        {
          op: "sql",
          query: `SELECT ${first}::BIGINT + i AS id FROM range(${count}) AS t(i)`,
          inputs: {},
          columns: [{ name: "id", kind: "int64", nullable: true }],
        },
        { url: pathToFileURL(join(folder, name)).href, format: "parquet" },
      );
    await write("part-2.parquet", 150_000, 10);
    await write("part-1.parquet", 0, 150_000);
    const many = new DuckDBEngine({ threads: 4 });
    const defs = new Definitions({ name: "test", features: [], offlineStore: new LocalStore(join(folder, "store")), engine: many });
    const training = await defs.getTrainingData({ labels: join(folder, "part-*.parquet"), features: [] });
    let next = 0;
    for await (const { id } of training.rows()) expect(id).toBe(next++);
    expect(next).toBe(150_010);
    await many[Symbol.asyncDispose]();
  });
});

describe("labels as objects", () => {
  it("keep every value", async () => {
    const rows = [
      {
        whole: 1,
        float: Number.NaN,
        zero: -0,
        big: 2n ** 63n - 1n,
        bytes: Uint8Array.of(0, 255),
        flag: true,
        at: new Date(0),
        text: "a\0b😀",
      },
      { whole: -(2 ** 53 - 1), float: 0.1, zero: 0, big: -(2n ** 63n), bytes: new Uint8Array(), flag: false, at: new Date(-1), text: "" },
      { whole: null, float: Number.NEGATIVE_INFINITY, zero: undefined, big: null, bytes: null, flag: null, at: null, text: "null" },
      {},
    ];
    const nothing = { whole: null, float: null, zero: null, big: null, bytes: null, flag: null, at: null, text: null };
    const { kinds, rows: read } = await echo(rows);
    expect(kinds).toEqual({
      whole: "int64",
      float: "float64",
      zero: "float64",
      big: "int64",
      bytes: "bytes",
      flag: "boolean",
      at: "timestamp",
      text: "string",
    });
    expect(read).toEqual([
      { ...rows[0], whole: 1n, at: 0n },
      { ...rows[1], whole: BigInt(-(2 ** 53 - 1)), at: -1_000n },
      { ...nothing, float: Number.NEGATIVE_INFINITY, text: "null" },
      nothing,
    ]);
  });

  it("have a column for each name in any of them, also where it is one of Object's own", async () => {
    expect((await echo([{ a: 1 }, { constructor: 2, 'it\'s "q"\n\\;': 3 }])).rows).toEqual([
      { a: 1n, constructor: null, 'it\'s "q"\n\\;': null },
      { a: null, constructor: 2n, 'it\'s "q"\n\\;': 3n },
    ]);
  });

  it("take the kind of a key or timestamp that is always null from the feature", async () => {
    const defs = await built("a");
    const training = await defs.getTrainingData({
      labels: [{ a: null, at: undefined, other: null }],
      timestamp: "at",
      features: ["plain"],
    });
    expect(await collect(training.rows())).toEqual([{ a: null, at: null, other: null, b: null, v: null }]);
  });

  it("mix whole numbers with others, and bigints only where no digit is lost", async () => {
    expect((await echo([{ n: 1 }, { n: 0.5 }, { n: 2n ** 60n }])).rows).toEqual([{ n: 1 }, { n: 0.5 }, { n: 2 ** 60 }]);
    await failureOf(echo([{ n: 2n ** 53n + 1n }, { n: 0.5 }]), "LABELS_INVALID", '"n"', "9007199254740993", "float64");
  });

  it.each<[string, LabelRow, string]>([
    ["an integer beyond int64", { n: 2n ** 63n }, "does not fit in int64"],
    ["an invalid Date", { n: new Date(Number.NaN) }, "an invalid Date"],
    ["a Date after the year 9999", { n: new Date("+010000-01-01T00:00:00Z") }, "years 1 to 9999"],
    ["a Date before the year 1", { n: new Date("0000-12-31T23:59:59.999Z") }, "years 1 to 9999"],
    ["half a character", { n: "a\ud800" }, "Unicode"],
  ])("refuse %s", async (_, row, why) => {
    await failureOf(echo([{ n: null }, row]), "LABELS_INVALID", 'column "n" of row 1', why);
  });

  it("refuse a column of two kinds", async () => {
    const { details } = await failureOf(
      echo([
        { n: 1, m: true },
        { n: "1", m: new Date(0) },
      ]),
      "LABELS_INVALID",
    );
    expect(details.problems).toEqual(['column "n" is int64, but string in row 1', 'column "m" is boolean, but timestamp in row 1']);
  });
});

describe("labels as an Arrow table", () => {
  it("keep every value of every type", async () => {
    const table = new Table({
      words: vectorFromArray(["x", null, "x"], new Dictionary(new Utf8(), new Int32())),
      big: vectorFromArray([2n ** 53n + 1n, null, -(2n ** 63n)], new Int64()),
      small: vectorFromArray([1, null, -1], new Int32()),
      day: vectorFromArray([new Date("2024-02-29"), null, new Date("0001-01-01")], new DateDay()),
      money: decimals(new Decimal(2, 20, 128), [123n, 0n, -1n]),
      raw: vectorFromArray([Uint8Array.of(0, 255), null, new Uint8Array()], new Binary()),
    });
    const { kinds, rows } = await echo(table);
    expect(kinds).toEqual({ words: "string", big: "int64", small: "int32", day: "date", money: "decimal", raw: "bytes" });
    expect(rows).toEqual([
      { words: "x", big: 2n ** 53n + 1n, small: 1, day: new Date("2024-02-29"), money: "1.23", raw: Uint8Array.of(0, 255) },
      { words: null, big: null, small: null, day: null, money: "0.00", raw: null },
      { words: "x", big: -(2n ** 63n), small: -1, day: new Date("0001-01-01"), money: "-0.01", raw: new Uint8Array() },
    ]);
  });

  it("have timestamps of every unit, in microseconds, rounded down", async () => {
    const table = new Table({
      s: timestamps(new TimestampSecond(), [1n, -1n]),
      ms: timestamps(new TimestampMillisecond("UTC"), [1n, -1n]),
      us: timestamps(new TimestampMicrosecond(), [253_402_300_799_999_999n, -62_135_596_800_000_000n]),
      ns: timestamps(new TimestampNanosecond("Europe/Paris"), [1_001n, -1n]),
    });
    expect((await echo(table)).rows).toEqual([
      { s: 1_000_000n, ms: 1_000n, us: 253_402_300_799_999_999n, ns: 1n },
      { s: -1_000_000n, ms: -1_000n, us: -62_135_596_800_000_000n, ns: -1n },
    ]);
  });

  it("keep their order over several batches, of which one is a slice", async () => {
    const table = new Table({ n: vectorFromArray([1, 2, 3, 4], new Int32()), at: timestamps(new TimestampSecond(), [1n, 2n, 3n, 4n]) });
    expect((await echo(table.slice(2).concat(table))).rows).toEqual([3, 4, 1, 2, 3, 4].map((n) => ({ n, at: BigInt(n) * 1_000_000n })));
  });

  it("refuse every type that no column can hold", async () => {
    const table = new Table({
      age: vectorFromArray([1n], new DurationSecond()),
      fine: vectorFromArray(["x"]),
      ages: vectorFromArray([[1n]], new List(new Field("item", new DurationSecond()))),
    });
    const { details } = await failureOf(echo(table), "LABELS_INVALID", "cast or drop it");
    expect(details.problems).toHaveLength(2);
  });

  it("refuse a timestamp that cannot be written", async () => {
    const table = new Table({ s: timestamps(new TimestampSecond(), [253_402_300_800n]) });
    await failureOf(echo(table), "LABELS_INVALID", '"s"', "years 1 to 9999");
  });
});

describe("labels as files", () => {
  it("refuse columns that would silently be left out", async () => {
    const path = join(folder, "interval.parquet");
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT 'x' AS a, INTERVAL 1 DAY AS age) TO '${path}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    await failureOf(echo(path), "LABELS_INVALID", '"age"', "source(...)");
    const chosen = source({ path, columns: { a: t.string() } });
    expect((await echo(chosen)).rows).toEqual([{ a: "x" }]);
  });

  it("are not read after they changed", async () => {
    const path = join(folder, "labels.csv");
    await writeFile(path, "a\nx\n");
    const defs = new Definitions({ name: "test", features: [], offlineStore: new LocalStore(join(folder, "store")), engine });
    const training = await defs.getTrainingData({ labels: path, features: [] });
    await writeFile(path, "a\nx\ny\n");
    await failureOf(collect(training.rows()), "SOURCE_CHANGED", path);
    await failureOf(training.write(join(folder, "out.csv")), "SOURCE_CHANGED", path);
  });

  it("that are missing are named", async () => {
    await failureOf(echo(join(folder, "none.parquet")), "SOURCE_NOT_FOUND", "none.parquet");
    await failureOf(echo(join(folder, "none-*.parquet")), "SOURCE_NOT_FOUND", "none-*.parquet");
  });
});

function timestamps(type: Timestamp, values: readonly bigint[]): Vector {
  return new Vector([makeData({ type, length: values.length, nullCount: 0, data: BigInt64Array.from(values) })]);
}

function decimals(type: Decimal, values: readonly bigint[]): Vector {
  const words = values.flatMap((value) => [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, value >> shift))));
  return new Vector([makeData({ type, length: values.length, nullCount: 0, data: Uint32Array.from(words) })]);
}
