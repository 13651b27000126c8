import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { NamedColumn, SourceFormat } from "@mlforge/spec";
import { describeWith, runPython } from "@mlforge/test-servers";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nullable } from "../../../testkit/src/engine/plans.js";
import { mutate, mutations } from "./mutations.js";
import { parquetFiles } from "./parquet-files.js";

/** How many files of each kind; thousands in a long run: `MLFORGE_HOSTILE_FILES=1000 npx vitest run hostile-files`. */
const runs = Number(process.env.MLFORGE_HOSTILE_FILES ?? 60);
/** Bytes of memory that the process may have used, most of which are those of Node and DuckDB themselves. */
const largest = 1.5 * 2 ** 30;

/** The codes of errors that say what is wrong with a file. */
const refusals = ["SOURCE_UNREADABLE", "SCHEMA_MISMATCH", "TIMESTAMP_AMBIGUOUS"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-hostile-"));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const csv = Buffer.from(`k,n,x,at\n${Array.from({ length: 40 }, (_, i) => `"u ${i}",${i},${i / 7},2024-01-01T00:00:00Z\n`).join("")}`);
const ndjson = Buffer.from(
  Array.from(
    { length: 40 },
    (_, i) => `${JSON.stringify({ k: `u${i}`, n: i, x: i / 7, at: "2024-01-01T00:00:00Z", o: { a: [1, { b: i }] } })}\n`,
  ).join(""),
);
const columns: readonly NamedColumn[] = [
  nullable("k", "string"),
  nullable("n", "int64"),
  nullable("x", "float64"),
  nullable("at", "timestamp"),
];

interface Outcome {
  readonly index: number;
  readonly rows?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Reads damaged copies of a file in a process of its own, and returns what became of each. Fails where that process died, hung or grew. */
async function readDamaged(name: string, format: SourceFormat, seedFile: Uint8Array, pack: (file: Buffer) => Uint8Array = (file) => file) {
  const seed = Date.now();
  const samples = fc.sample(fc.tuple(mutations, fc.boolean()), { numRuns: runs, seed });
  const files = await Promise.all(
    samples.map(async ([changes, isDeclared], index) => {
      const path = join(folder, `${name}-${index}`);
      await writeFile(path, pack(mutate(seedFile, changes)));
      const declared = isDeclared && format.kind !== "parquet" ? { columns } : {};
      const scan = { op: "scan", source: "rows", format, paths: [pathToFileURL(path).href], ...declared };
      return { path, scan, isWritten: format.kind === "parquet" };
    }),
  );
  const list = join(folder, `${name}.json`);
  await writeFile(list, JSON.stringify(files));
  const child = fileURLToPath(new URL("read-files.mjs", import.meta.url));
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, [child, list], {
    encoding: "utf8",
    timeout: 10_000 + runs * 500,
    maxBuffer: 2 ** 28,
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  const last: { readonly peak?: number } = JSON.parse(lines.at(-1) ?? "{}");
  expect({ seed, signal, status, stderr, last }).toEqual({ seed, signal: null, status: 0, stderr: "", last: { peak: expect.any(Number) } });
  expect({ seed, peak: last.peak }).toSatisfy(({ peak = Number.POSITIVE_INFINITY }) => peak < largest);
  const outcomes = lines.flatMap((line): Outcome[] => (line.includes('"index"') ? [JSON.parse(line)] : []));
  expect({ seed, answered: outcomes.length }).toEqual({ seed, answered: runs });
  const unclear = outcomes.filter(
    ({ code, message = "" }) =>
      code !== undefined && (!refusals.includes(code) || /Possible fixes|strict_mode|auto_detect|ignore_errors/.test(message)),
  );
  expect({ seed, unclear }).toEqual({ seed, unclear: [] });
  return { seed, files, outcomes };
}

describe("a damaged text file", () => {
  it.each<readonly [string, SourceFormat, Buffer]>([
    ["csv", { kind: "csv" }, csv],
    ["ndjson", { kind: "ndjson" }, ndjson],
    ["csv.gz", { kind: "csv", compression: "gzip" }, gzipSync(csv)],
    ["ndjson.gz", { kind: "ndjson", compression: "gzip" }, gzipSync(ndjson)],
  ])("of %s ends in rows or in an error that says what is wrong", { timeout: 120_000 + runs * 500 }, async (ending, format, seedFile) => {
    await readDamaged(`whole.${ending}`, format, seedFile);
  });

  it.each<readonly [string, SourceFormat, Buffer]>([
    ["csv", { kind: "csv", compression: "gzip" }, csv],
    ["ndjson", { kind: "ndjson", compression: "gzip" }, ndjson],
  ])("of %s that was compressed after the damage", { timeout: 120_000 + runs * 500 }, async (ending, format, seedFile) => {
    await readDamaged(`inner.${ending}.gz`, format, seedFile, gzipSync);
  });
});

describeWith("tables", "a damaged file of another program", () => {
  beforeAll(() => {
    runPython(parquetFiles, ["write", folder]);
  });

  it.each(["plain", "dictionary", "snappy", "lz4", "brotli", "zstd", "gzip", "int96", "delta", "nested", "bloom"])(
    "of Parquet (%s) has the values that pyarrow reads, or is refused",
    { timeout: 120_000 + runs * 500 },
    async (shape) => {
      const seedFile = await readFile(join(folder, `${shape}.parquet`));
      const { seed, files, outcomes } = await readDamaged(`${shape}.parquet`, { kind: "parquet" }, seedFile);
      const answered = outcomes.filter(({ rows }) => rows !== undefined);
      const list = join(folder, "paths.json");
      await writeFile(list, JSON.stringify(answered.map(({ index }) => files[index]?.path)));
      const compared: readonly ({ readonly rows: number; readonly isEqual: boolean } | null)[] = JSON.parse(
        runPython(parquetFiles, ["compare", list]),
      );
      const others = answered.flatMap((outcome, index) => {
        const pyarrow = compared[index];
        return pyarrow === null || pyarrow?.isEqual ? [] : [{ ...outcome, path: files[outcome.index]?.path, pyarrow }];
      });
      expect({ seed, others }).toEqual({ seed, others: [] });
    },
  );

  it.each<readonly [string, SourceFormat, Buffer]>([
    ["csv", { kind: "csv", compression: "zstd" }, csv],
    ["ndjson", { kind: "ndjson", compression: "zstd" }, ndjson],
  ])(
    "of %s in zstd ends in rows or in an error that says what is wrong",
    { timeout: 120_000 + runs * 500 },
    async (ending, format, content) => {
      const path = join(folder, `seed.${ending}`);
      await writeFile(path, content);
      runPython("import sys, zstandard; open(sys.argv[1] + '.zst', 'wb').write(zstandard.compress(open(sys.argv[1], 'rb').read()))", [
        path,
      ]);
      await readDamaged(`whole.${ending}.zst`, format, await readFile(`${path}.zst`));
    },
  );
});
