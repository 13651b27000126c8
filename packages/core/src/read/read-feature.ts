import { createHash } from "node:crypto";
import {
  type Engine,
  type Format,
  findColumn,
  isMlforgeError,
  MlforgeError,
  type ObjectInfo,
  type Schema,
  type Store,
} from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { attempt } from "../log/attempt.js";
import { dataKey } from "../log/keys.js";
import type { DataFile, VersionMetadata } from "../log/metadata.js";
import { type RowOptions, type RowValue, rowsOf } from "./rows.js";
import { storeFile } from "./store-file.js";
import { versionScan } from "./version-scan.js";

/** What reads stored files: the format, or the engine where there is none. */
export interface Reader {
  readonly store: Store;
  readonly format?: Format | undefined;
  readonly engine?: Engine | undefined;
}

export interface ReadOptions {
  /** The columns to read, in this order; all unless told. */
  readonly columns?: readonly string[] | undefined;
  /** Whether every data file is first checked against its SHA-256. Its size always is. False unless told. */
  readonly verify?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The rows of one version of a feature. Nothing is read before they are asked for; each call reads anew. */
export interface FeatureData<R = Record<string, RowValue>> {
  readonly feature: string;
  readonly version: string;
  readonly metadata: VersionMetadata;
  /** The columns that are read, in order. */
  readonly columns: Schema;
  /** Arrow batches, sorted by keys and timestamp. */
  batches(): AsyncIterable<RecordBatch>;
  /** One object a row. @throws NUMBER_UNSAFE for an integer beyond 2^53. */
  rows(): AsyncIterable<R>;
  /** One object a row, with large integers or timestamps as {@link RowOptions} says. */
  rows(options: RowOptions): AsyncIterable<Record<string, RowValue>>;
}

/** @throws COLUMN_UNKNOWN, DATA_CORRUPT, CAPABILITY_MISSING */
export function readVersion(reader: Reader, metadata: VersionMetadata, options: ReadOptions): FeatureData {
  const columns = chooseColumns(metadata, options.columns);
  const batches = (): AsyncIterable<RecordBatch> => readBatches(reader, metadata, columns, options);
  return {
    feature: metadata.name,
    version: metadata.version,
    metadata,
    columns,
    batches,
    async *rows(rowOptions?: RowOptions) {
      for await (const batch of batches()) yield* rowsOf(batch, columns, rowOptions);
    },
  };
}

function chooseColumns(metadata: VersionMetadata, names: readonly string[] | undefined): Schema {
  if (names === undefined) return metadata.columns;
  return names.map((name) => findColumn(name, metadata.columns, `${metadata.name} ${metadata.version}`));
}

async function* readBatches(reader: Reader, metadata: VersionMetadata, columns: Schema, options: ReadOptions): AsyncGenerator<RecordBatch> {
  const { signal } = options;
  const names = columns.map((column) => column.name);
  if (reader.format === undefined) {
    await expectReadable(reader, metadata, options);
    yield* requireEngine(reader, metadata).run(versionScan(reader.store, metadata, names), { signal });
    return;
  }
  await checkFiles(reader.store, metadata, options);
  for (const { path, size } of metadata.files) {
    yield* reader.format.decode(storeFile(reader.store, dataKey(metadata.name, metadata.version, path), size), { columns: names, signal });
  }
}

/** Checks that the engine can read a version where it is, and that its files are what was published. @throws CAPABILITY_MISSING, DATA_CORRUPT */
export async function expectReadable(reader: Reader, metadata: VersionMetadata, options: ReadOptions): Promise<void> {
  requireEngine(reader, metadata);
  await checkFiles(reader.store, metadata, options);
}

async function checkFiles(store: Store, { name, version, files }: VersionMetadata, options: ReadOptions): Promise<void> {
  for (const file of files) await checkFile(store, dataKey(name, version, file.path), file, options);
}

/** Checks a data file's size, and with `verify` its hash. @throws DATA_CORRUPT */
async function checkFile(store: Store, key: string, file: DataFile, { verify, signal }: ReadOptions): Promise<void> {
  const { size } = await headData(store, key, signal);
  if (size !== file.size) throw corrupt(key, `it has ${size} bytes instead of ${file.size}`);
  if (verify !== true) return;
  const sha256 = await attempt(() => hashObject(store, key, signal), signal);
  if (sha256 !== file.sha256) throw corrupt(key, `its SHA-256 is ${sha256} instead of ${file.sha256}`);
}

async function headData(store: Store, key: string, signal?: AbortSignal): Promise<ObjectInfo> {
  try {
    return await attempt(() => store.head(key, { signal }), signal);
  } catch (error) {
    if (isMlforgeError(error, "STORE_NOT_FOUND")) throw corrupt(key, "it is missing (a Git clone has metadata but no data)", error);
    throw error;
  }
}

async function hashObject(store: Store, key: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await using result = await store.get(key, { signal });
  for await (const part of result.body) hash.update(part);
  return hash.digest("hex");
}

function corrupt(key: string, reason: string, cause?: unknown): MlforgeError<"DATA_CORRUPT"> {
  return new MlforgeError(
    "DATA_CORRUPT",
    `"${key}" is not what was published: ${reason}; restore it, read another version, or publish a new one with mlforge build --force`,
    { key, reason },
    { cause },
  );
}

function requireEngine({ engine, store }: Reader, { name, version, files }: VersionMetadata): Engine {
  const scheme = new URL(store.locate(dataKey(name, version, files[0]?.path ?? ""))).protocol.slice(0, -1);
  if (engine?.capabilities.reads.includes(scheme)) return engine;
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `${engine === undefined ? "Definitions has neither a format nor an engine" : `${engine.name} cannot read ${scheme}: URLs`}; give it format: new ParquetFormat()`,
    { plugin: engine?.name ?? "Definitions", capability: `read ${scheme}` },
  );
}
