import { type Engine, type Format, findColumn, isMlforgeError, MlforgeError, type Schema, type Store } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { corruptData, expectSize, missingData } from "../log/data-file.js";
import { hashObject } from "../log/hash-object.js";
import { dataKey } from "../log/keys.js";
import type { DataFile, VersionMetadata } from "../log/metadata.js";
import { openFile } from "../sources/open-file.js";
import { isLocal, type Need, type RemoteFiles } from "../sources/remote-files.js";
import { schemeOf } from "../sources/remotes.js";
import { expectContent } from "./checked-files.js";
import { type RowOptions, type RowValue, rowsOf } from "./rows.js";
import { versionScan } from "./version-scan.js";

/** Reads stored files with the format, or with the engine if there is no format. */
export interface Reader {
  readonly store: Store;
  readonly format?: Format | undefined;
  readonly engine?: Engine | undefined;
  readonly files: RemoteFiles;
}

export interface ReadOptions {
  /** The columns to read, in this order. Defaults to all columns. */
  readonly columns?: readonly string[] | undefined;
  /**
   * If true, reads every data file first and checks its SHA-256. If false, checks only the size. By default, the SHA-256 of a local file is checked
   * once for each process and state of the file, and of a remote file, the size and etag.
   */
  readonly verify?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The columns that can be read of a feature with the rows `R`. Any if a version is given, because it can differ from the definition. */
export type ReadColumn<R, V> = [V] extends [undefined] ? keyof R & string : string;

/** A row of the columns `C` of a feature with the rows `R`. */
export type ReadRow<R, C, V> = [V] extends [undefined] ? Pick<R, C & keyof R> : Record<string, RowValue>;

/** The rows of one version of a feature. Reads nothing until you iterate. Each call reads the rows again. */
export interface FeatureData<R = Record<string, RowValue>> {
  readonly feature: string;
  readonly version: string;
  readonly metadata: VersionMetadata;
  /** The columns in the order of the rows. */
  readonly columns: Schema;
  /** Returns Arrow batches, sorted by keys and timestamp. */
  batches(): AsyncIterable<RecordBatch>;
  /** Returns one object per row. @throws NUMBER_UNSAFE if an integer is beyond 2^53 */
  rows(): AsyncIterable<R>;
  /** Returns one object per row, with large integers and timestamps as {@link RowOptions} specifies. */
  rows(options: RowOptions): AsyncIterable<Record<string, RowValue>>;
}

/** Returns the rows of a version. @throws COLUMN_UNKNOWN, DATA_CORRUPT, CAPABILITY_MISSING */
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
  await expectReadable(reader, metadata, options);
  if (reader.format === undefined) {
    if (reader.engine !== undefined) yield* reader.engine.run(versionScan(reader.store, metadata, names), { signal });
    return;
  }
  for (const { path } of metadata.files) {
    const url = reader.store.locate(dataKey(metadata.name, metadata.version, path));
    await using file = await openFile(url, { kind: "columns", columns: names }, reader, signal);
    yield* reader.format.decode(file, { columns: names, signal });
  }
}

/**
 * Checks that a version can be read and that its files are unchanged since they were published, and lets plans name them.
 *
 * Of files that must be fetched first, it checks the footer, which is enough.
 *
 * @throws CAPABILITY_MISSING, DATA_CORRUPT
 */
export async function expectReadable(reader: Reader, { name, version, files }: VersionMetadata, options: ReadOptions): Promise<void> {
  if (reader.engine === undefined && reader.format === undefined) {
    throw new MlforgeError(
      "CAPABILITY_MISSING",
      "Definitions has neither a format nor an engine to read with; pass format: new ParquetFormat(), or an engine",
      { plugin: "Definitions", capability: "read parquet" },
    );
  }
  for (const file of files) await checkFile(reader, dataKey(name, version, file.path), file, options);
}

/** Checks the size of a data file, and its hash as `verify` requires. @throws DATA_CORRUPT */
async function checkFile(
  { store, engine, format, files }: Reader,
  key: string,
  file: DataFile,
  { verify, signal }: ReadOptions,
): Promise<void> {
  const url = store.locate(key);
  const readThere = format === undefined && engine?.capabilities.reads.includes(schemeOf(url) ?? "");
  if (isLocal(url) || readThere === true) {
    await expectSize(store, key, file.size, signal);
    if (verify === undefined && isLocal(url)) await expectContent(key, url, file, signal);
    if (verify !== true) return;
    const read = await hashObject(store, key, { signal });
    if (read === undefined) throw corruptData(key, missingData);
    if (read.sha256 !== file.sha256) throw corruptData(key, `its SHA-256 is ${read.sha256} instead of ${file.sha256}`);
    return;
  }
  const { size, sha256, etag } = file;
  const changed = (reason: string, cause?: unknown): MlforgeError =>
    corruptData(key, isMlforgeError(cause, "STORE_NOT_FOUND") ? missingData : reason, cause);
  files.know({ url, store, key, size, id: sha256, etag, sha256, changed });
  const need: Need = verify === true ? { kind: "whole", hashed: true } : { kind: "columns", columns: [] };
  await files.fetch(url, need, signal);
}
