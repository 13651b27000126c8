import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describeWith, type Moto, runPython, startMoto } from "@mlforge/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imports } from "./flights.js";
import { type Outcome, Project, shareProcess } from "./project.js";

shareProcess();

/** Files that other programs write, or that were damaged. Each is read as the source of a feature and as labels, in a folder and in a bucket. */
interface Input {
  readonly name: string;
  /** A path or a pattern below `data/`. */
  readonly path: string;
  readonly columns?: string;
  /** Its rows, as `preview --json` prints them. */
  readonly rows?: readonly object[];
  /** Its rows as labels, in the CSV of a training set. */
  readonly labels?: string;
  /** The features that are joined to it as labels. Defaults to `dimension`, whose key is text. */
  readonly features?: string;
  /** What is said where it is refused. */
  readonly refused?: RegExp;
}

const texts = {
  "hash.csv": "k,n\n#a,1\nb,2\n#\n",
  "hash-good.csv": "k,n\n#a,1\nb,2\n",
  "cut.csv": "k,s\na,x #y\n#\n",
  "cut-good.csv": "k,s\na,x #y\n",
  "grow.csv": "k,n\na,1\nk,n,x\nb,2,9\n",
  "d.ndjson": '{"k":"a","d":0.1234567890123456789}\n',
  "t/a.csv": "k,n\na,1\n",
  "t/_temporary/a.csv": "k,n\na,1\n",
  "id.csv": "k,ts,id\na,2024-02-01,12345678901234567890\nb,2024-02-01,12E5\n",
  "proto.csv": "k,__proto__\na,1\n",
};

const pandas = `
import sys, pandas as pd, pyarrow as pa, pyarrow.parquet as pq, os
root = sys.argv[1]
days = {"int": ([1, 2], [1.5, None]), "none": ([None, None], ["u", "v"]), "later": (None, ["u", "v"])}
for name, values in days.items():
    os.makedirs(f"{root}/{name}", exist_ok=True)
    for number, x in enumerate(values, start=1):
        columns = {"k": [f"{name}{number}a", f"{name}{number}b"], "at": pd.to_datetime([f"2024-01-0{number}"] * 2)}
        pd.DataFrame({**columns, **({} if x is None else {"x": x})}).to_parquet(f"{root}/{name}/{number}.parquet")
pq.write_table(pa.table({"k": ["a", "b"], "e": pa.array([[0.5, 0.25], [0.125, 0.75]], pa.list_(pa.float32()))}), f"{root}/embedding.parquet")
pq.write_table(pa.table({"e": pa.array([[1.0]], pa.list_(pa.float32())), "s": [{"a": 1}]}), f"{root}/nested.parquet")
pq.write_table(pa.table({"k": pa.array([b"\\xff%d" % i for i in range(5)]), "n": range(5)}), f"{root}/bytes.parquet")
`;

const inputs: readonly Input[] = [
  { name: "hash", path: "hash.csv", columns: "{ k: t.string(), n: t.int64() }", refused: /hash\.csv:4 / },
  {
    name: "hash_good",
    path: "hash-good.csv",
    columns: "{ k: t.string(), n: t.int64() }",
    labels: 'k,n,seen\n"#a",1,\nb,2,\n',
    rows: [
      { k: "#a", n: 1 },
      { k: "b", n: 2 },
    ],
  },
  { name: "cut", path: "cut.csv", columns: "{ k: t.string(), s: t.string() }", refused: /cut\.csv:3 / },
  {
    name: "cut_good",
    path: "cut-good.csv",
    columns: "{ k: t.string(), s: t.string() }",
    labels: 'k,s,seen\na,"x #y",true\n',
    rows: [{ k: "a", s: "x #y" }],
  },
  { name: "grow", path: "grow.csv", columns: "{ k: t.string(), n: t.int64() }", refused: /grow\.csv:3 / },
  {
    name: "digits",
    path: "d.ndjson",
    columns: "{ k: t.string(), d: t.decimal(20, 19) }",
    labels: "k,d,seen\na,0.1234567890123456789,true\n",
    rows: [{ k: "a", d: "0.1234567890123456789" }],
  },
  {
    name: "temporary",
    path: "t/**/*.csv",
    columns: "{ k: t.string(), n: t.int64() }",
    labels: "k,n,seen\na,1,true\n",
    rows: [{ k: "a", n: 1 }],
  },
  {
    name: "ids",
    path: "id.csv",
    labels: "k,ts,id,seen\na,2024-02-01,12345678901234567890,true\nb,2024-02-01,12E5,\n",
    rows: [
      { k: "a", ts: "2024-02-01", id: "12345678901234567890" },
      { k: "b", ts: "2024-02-01", id: "12E5" },
    ],
  },
  { name: "proto", path: "proto.csv", labels: "k,__proto__,seen\na,1,true\n", rows: [JSON.parse('{"k":"a","__proto__":1}')] },
  {
    name: "widened",
    path: "int/*.parquet",
    columns: "{ k: t.string(), x: t.float64() }",
    labels: "k,x,seen\nint1a,1.0,\nint1b,2.0,\nint2a,1.5,\nint2b,,\n",
    rows: [
      { k: "int1a", x: 1 },
      { k: "int1b", x: 2 },
      { k: "int2a", x: 1.5 },
      { k: "int2b", x: null },
    ],
  },
  {
    name: "nulls",
    path: "none/*.parquet",
    columns: "{ k: t.string(), x: t.string() }",
    labels: "k,x,seen\nnone1a,,\nnone1b,,\nnone2a,u,\nnone2b,v,\n",
    rows: [
      { k: "none1a", x: null },
      { k: "none1b", x: null },
      { k: "none2a", x: "u" },
      { k: "none2b", x: "v" },
    ],
  },
  {
    name: "later",
    path: "later/*.parquet",
    columns: "{ k: t.string(), x: t.string() }",
    labels: "k,x,seen\nlater1a,,\nlater1b,,\nlater2a,u,\nlater2b,v,\n",
    rows: [
      { k: "later1a", x: null },
      { k: "later1b", x: null },
      { k: "later2a", x: "u" },
      { k: "later2b", x: "v" },
    ],
  },
  {
    name: "embedding",
    path: "embedding.parquet",
    labels: 'k,e,seen\na,"[0.5,0.25]",true\nb,"[0.125,0.75]",\n',
    rows: [
      { k: "a", e: [0.5, 0.25] },
      { k: "b", e: [0.125, 0.75] },
    ],
  },
  {
    name: "bytes",
    features: "bytes as known_",
    path: "bytes.parquet",
    labels: "k,n,known_n\n/zA=,0,0\n/zE=,1,1\n/zI=,2,2\n/zM=,3,3\n/zQ=,4,4\n",
    rows: ["/zA=", "/zE=", "/zI=", "/zM=", "/zQ="].map((k, n) => ({ k, n })),
  },
  { name: "nested", path: "nested.parquet", refused: /no column "k"|cannot be a key/ },
];

function definitionsOf(base: string, store: string): string {
  const sources = inputs.map(
    ({ name, path, columns }) =>
      `const ${name}_rows = source({ name: ${JSON.stringify(`${name}_rows`)}, path: ${JSON.stringify(`${base}/${path}`)}${columns === undefined ? "" : `, columns: ${columns}`} });
export const ${name} = feature({ name: ${JSON.stringify(name)}, source: ${name}_rows, keys: ["k"], static: true });`,
  );
  return `${imports}import { S3Store } from "@mlforge/store-s3";
${sources.join("\n")}
export const dimension = feature({ name: "dimension", source: source({ name: "keys", path: "data/keys.csv", columns: { k: t.string(), seen: t.boolean() } }), keys: ["k"], static: true });
export const defs = new Definitions({
  name: "inputs",
  features: [${inputs.map(({ name }) => name).join(", ")}, dimension],
  labels: [${inputs.map(({ name }) => `${name}_rows`).join(", ")}],
  offlineStore: ${store},
  engine: new DuckDBEngine(),
  cache: { path: "./cache" },
});
`;
}

describeWith("tables", "files of other programs", () => {
  describeWith("moto", "in a folder and in a bucket", () => {
    const env = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const projects = new Map<string, Project>();
    let moto: Moto;
    beforeAll(async () => {
      moto = await startMoto();
      const bucket = `mlforge-${randomUUID()}`;
      const connection = { endpoint: moto.endpoint, region: "us-east-1", forcePathStyle: true };
      const files = Object.fromEntries(Object.entries(texts).map(([path, text]) => [`data/${path}`, text]));
      const stores = {
        folder: ["data", 'new LocalStore("./feature_store")'],
        bucket: [`s3://${bucket}/data`, `new S3Store(${JSON.stringify({ ...connection, bucket, prefix: "store" })})`],
      } as const;
      for (const [place, [base, store]] of Object.entries(stores)) {
        const project = await Project.create({
          ...files,
          "data/keys.csv": "k,seen\na,true\n",
          "definitions.ts": definitionsOf(base, store),
        });
        runPython(pandas, [join(project.path, "data")]);
        projects.set(place, project);
      }
      const client = new S3Client({ ...connection, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      const data = join(projects.get("bucket")?.path ?? "", "data");
      for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath ?? entry.path, entry.name);
        const key = `data${path.slice(data.length)}`;
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(path) }));
      }
      client.destroy();
    });
    afterAll(async () => {
      for (const project of projects.values()) await project[Symbol.asyncDispose]();
      await moto[Symbol.asyncDispose]();
    });

    describe.each(["folder", "bucket"])("in a %s", (place) => {
      const run = async (...args: readonly string[]): Promise<Outcome> => {
        const project = projects.get(place);
        if (project === undefined) throw new TypeError(`there is no project in a ${place}`);
        return await project.run(args, { env });
      };

      it("build what they hold, and are refused where they are damaged", { timeout: 120_000 }, async () => {
        const { exitCode, stdout } = await run("build", "--json");
        const document: { built: { feature: string; rows: number }[]; failed: { feature: string; error: { message: string } }[] } =
          JSON.parse(stdout);
        expect(exitCode).toBe(1);
        const failed = new Map(document.failed.map(({ feature, error }) => [feature, error.message]));
        const rows = new Map(document.built.map((each) => [each.feature, each.rows]));
        const found = inputs.map(({ name }) => [name, rows.get(name) ?? failed.get(name)]);
        const wanted = inputs.map(({ name, rows: expected, refused }) => [name, expected?.length ?? expect.stringMatching(refused ?? "")]);
        expect(found).toEqual(wanted);
        for (const { name, rows: expected } of inputs) {
          if (expected === undefined) continue;
          const shown: { rows: object[] } = JSON.parse((await run("preview", name, "--version", "latest", "--json")).stdout);
          expect([name, shown.rows]).toEqual([name, expected]);
        }
      });

      it.each(inputs)("are the same as labels: $name", { timeout: 60_000 }, async ({ name, labels, refused, features = "dimension" }) => {
        const project = projects.get(place);
        const made = await run("training-data", "--features", features, "--labels", `${name}_rows`, "--out", "train.csv");
        if (labels === undefined) {
          expect([made.exitCode === 0, made.stderr]).toEqual([false, expect.stringMatching(refused ?? "")]);
          return;
        }
        expect([made.exitCode, made.stderr]).toEqual([0, expect.not.stringMatching(/error/)]);
        expect(await readFile(join(project?.path ?? "", "train.csv"), "utf8")).toBe(labels);
      });
    });
  });
});
