import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeWith, runPython } from "@mlforge/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imports } from "./flights.js";
import { type Outcome, Project, shareProcess } from "./project.js";
import { openS3Project } from "./s3-project.js";

shareProcess();

/** Keys below and above 0x7f, five days each, in small row groups with Bloom filters. */
const pyarrow = `
import sys, datetime as dt, pyarrow as pa, pyarrow.parquet as pq
folder, changed = sys.argv[1], sys.argv[2] == "changed"
keys = [b"\\xff", b"\\x80\\x01", b"a"]
rows = [(k, dt.datetime(2024, 1, 1 + day), 100 * i + day) for day in range(5) for i, k in enumerate(keys)]
if changed: rows = [(k, at, v + 1000 if (k, at.day) == (b"\\xff", 2) else v) for k, at, v in rows[1:]] + [(b"\\xfe", dt.datetime(2024, 1, 1), 7)]
table = pa.table({"k": pa.array([r[0] for r in rows]), "at": pa.array([r[1] for r in rows], pa.timestamp("us")), "v": [r[2] for r in rows]})
write = dict(row_group_size=4, bloom_filter_options={"k": True})
pq.write_table(table, f"{folder}/bytes.parquet", **write)
pq.write_table(pa.table({"k": pa.array([b"\\xff"]), "w": [7]}), f"{folder}/one.parquet", **write)
pq.write_table(table.slice(0, 15), f"{folder}/labels.parquet", **write)
`;

function definitionsOf(store: string): string {
  return `${imports}import { S3Store } from "@mlforge/store-s3";
const rows = source({ name: "rows", path: "data/bytes.parquet", columns: { k: t.bytes(), at: t.timestamp(), v: t.int64() }, timestamp: "at" });
const one = source({ name: "one", path: "data/one.parquet", columns: { k: t.bytes(), w: t.int64() }, static: true });
export const all = feature({ name: "all", source: rows, keys: ["k"] });
export const equal = feature({ name: "equal", source: rows, keys: ["k"], transform: (rows) => rows.filter(({ k }) => k.eq(new Uint8Array([0xff]))) });
export const joined = feature({ name: "joined", source: rows, keys: ["k"], transform: (rows) => rows.join(one, { on: "k" }).select("k", "at", "w") });
export const defs = new Definitions({
  name: "bytes",
  features: [all, equal, joined],
  labels: [source({ name: "wanted", path: "data/labels.parquet" })],
  offlineStore: ${store},
  engine: new DuckDBEngine(),
});
`;
}

interface Place extends AsyncDisposable {
  readonly project: Project;
  run(args: readonly string[]): Promise<Outcome>;
}

async function inFolder(): Promise<Place> {
  const project = await Project.create({ "definitions.ts": definitionsOf('new LocalStore("./feature_store")') });
  return { project, run: (args) => project.run(args), [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
}

async function inBucket(): Promise<Place> {
  const opened = await openS3Project();
  await opened.define((definitions) => definitionsOf(/new S3Store\(.*\)/.exec(definitions)?.[0] ?? ""));
  return opened;
}

/** The expected labels and values, day after day, for the keys in the order of the file. */
const keys = ["/w==", "gAE=", "YQ=="];
const days = [1, 2, 3, 4, 5].map((day) => `2024-01-0${day}`);
const rows = days.flatMap((day, index) => keys.map((k, key) => ({ k, at: `${day}T00:00:00Z`, v: 100 * key + index })));

/** A version is in the order of its keys, byte by byte, and then of its times. */
const sorted = (unsorted: typeof rows): typeof rows => [...keys].reverse().flatMap((key) => unsorted.filter(({ k }) => k === key));

describeWith("tables", "keys of bytes", () => {
  describeWith("moto", "in Parquet files with Bloom filters", () => {
    describe.each([
      ["folder", inFolder],
      ["bucket", inBucket],
    ])("with versions in a %s", (_, open) => {
      let place: Place;
      beforeAll(async () => {
        place = await open();
        await mkdir(join(place.project.path, "data"), { recursive: true });
        await build("first");
      });
      afterAll(() => place[Symbol.asyncDispose]());

      async function run(...args: readonly string[]): Promise<string> {
        const { exitCode, stdout, stderr } = await place.run(args);
        expect([args, exitCode, exitCode === 0 ? "" : stderr]).toEqual([args, 0, ""]);
        return stdout;
      }

      async function build(state: "first" | "changed"): Promise<void> {
        runPython(pyarrow, [join(place.project.path, "data"), state]);
        await run("build");
      }

      it.each([
        ["all", sorted(rows)],
        ["equal", rows.filter(({ k }) => k === "/w==")],
        ["joined", rows.filter(({ k }) => k === "/w==").map(({ k, at }) => ({ k, at, w: 7 }))],
      ])("build all rows of %s", async (feature, expected) => {
        const shown: { readonly rows: unknown } = JSON.parse(
          await run("preview", feature, "--version", "1.0.0", "--rows", "100", "--json"),
        );
        expect(shown.rows).toEqual(expected);
      });

      it("join labels with all of them", async () => {
        const features = "all@1.0.0 as all_,equal@1.0.0 as equal_,joined@1.0.0 as joined_";
        await run("training-data", "--labels", "wanted", "--timestamp", "at", "--features", features, "--out", "train.csv");
        const lines = rows.map(({ k, at, v }) => `${k},${at.replace("Z", ".000000Z")},${v},${v},${k === "/w==" ? `${v},7` : ","}`);
        expect(await readFile(join(place.project.path, "train.csv"), "utf8")).toBe(
          `${["k,at,v,all_v,equal_v,joined_w", ...lines].join("\n")}\n`,
        );
      });

      it.each([
        ["/w==", 0],
        ["gAE=", 1],
      ])("are explained: %s", async (k, key) => {
        const newest = { known_at: "2024-01-03T00:00:00.000000Z", values: { v: 100 * key + 2 } };
        const label = ["--key", `k=${k}`, "--at", "2024-01-03T12:00:00Z"];
        const explained = JSON.parse(await run("explain", "--features", "all@1.0.0", ...label, "--json"));
        expect(explained).toMatchObject({ row: { k }, features: [{ outcome: "found", newest, earlier: 2, later: { count: 2 } }] });
        const ofFile = ["--labels", "wanted", "--timestamp", "at", "--row", String(6 + key)];
        expect(JSON.parse(await run("explain", "--features", "all@1.0.0 as x_", ...ofFile, "--json"))).toMatchObject({
          row: { k, v: 100 * key + 2 },
          features: [{ outcome: "found", newest: { values: { x_v: 100 * key + 2 } }, earlier: 2 }],
        });
      });

      it.each(["ÿ", "_w=="])("are refused by explain if they are not base64: %s", async (text) => {
        const { exitCode, stderr } = await place.run(["explain", "--features", "all", "--key", `k=${text}`, "--at", "2024-01-03"]);
        expect([exitCode, stderr]).toEqual([2, expect.stringContaining("write them in base64, such as k=/w==")]);
      });

      it("are compared row by row between versions", async () => {
        await build("changed");
        const { stdout, exitCode } = await place.run(["diff", "all", "1.0.0", "1.0.1", "--json"]);
        expect(exitCode).toBe(1);
        expect(JSON.parse(stdout)).toMatchObject({
          rows: { from: 15, to: 15 },
          data: { kind: "compared", rows: { removed: 1, added: 1, changed: 1, unchanged: 13 }, unmatched: null },
        });
      });
    });
  });
});
