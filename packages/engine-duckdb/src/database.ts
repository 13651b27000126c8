import { tmpdir } from "node:os";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { isMlforgeError, type Leftover } from "@mlforge/spec";
import { createOwnedFolder, leftoversIn, type OwnedFolder, removeLeftover } from "@mlforge/spec/ownership";
import { containerMemoryLimit } from "./container-memory.js";
import { duckdb } from "./dialect/duckdb.js";
import { NativeError } from "./native-error.js";
import { optionInvalid } from "./option-invalid.js";
import { ParsedQueries } from "./query/read-query.js";
import { TextFiles } from "./text/text-files.js";

export interface DuckDBEngineOptions {
  /**
   * How much memory DuckDB uses before it spills to disk, for example `"2GB"`. Defaults to 80% of the machine's memory, or of what the
   * container allows less 256 MiB.
   */
  readonly memoryLimit?: string | undefined;
  /** The number of threads. Defaults to one per processor. */
  readonly threads?: number | undefined;
  /** Where to create the folder for spilled data, which is removed on dispose. Defaults to the system's temporary folder. */
  readonly tempDirectory?: string | undefined;
}

/** An in-memory database, and the folder that it spills to. */
export interface Database {
  /** The text files that have been read, with copies in the folder. */
  readonly texts: TextFiles;
  /** The queries of SQL transforms that have been parsed. */
  readonly queries: ParsedQueries;
  connect(): Promise<DuckDBConnection>;
  /**
   * A statement that returns the memory of earlier queries to the system.
   *
   * The allocator keeps memory in the arenas of the threads that used it, and the next query can run in other threads. Only setting the limit, here to its
   * current value, makes DuckDB empty them.
   */
  readonly releaseMemory: string;
  close(): Promise<void>;
}

/** Loads the native module on its first call. @throws USAGE_INVALID for an option that cannot be used */
export async function openDatabase(options: DuckDBEngineOptions): Promise<Database> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await tempFolder(options.tempDirectory ?? tmpdir());
  try {
    const instance = await DuckDBInstance.create(":memory:", {
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_community_extensions: "false",
      // The cache would not notice a file that was rewritten within the same tick of the clock.
      enable_external_file_cache: "false",
      temp_directory: folder.path,
    });
    const memoryLimit = await configure(instance, options).catch((error: unknown) => {
      instance.closeSync();
      throw error;
    });
    return {
      texts: new TextFiles(folder.path),
      queries: new ParsedQueries(),
      connect: () => instance.connect(),
      releaseMemory: setting("memory_limit", memoryLimit),
      close: async () => {
        instance.closeSync();
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw isMlforgeError(error) ? error : new NativeError(error);
  }
}

const folderPrefix = "mlforge-duckdb-";

/** Finds the folders for spilled data of ended processes. */
export async function leftSpill(parent: string): Promise<readonly Leftover[]> {
  const found = await leftoversIn(parent, folderPrefix);
  return found.map(({ path }) => ({ kind: "spill", location: path, remove: () => removeLeftover(path) }));
}

async function tempFolder(parent: string): Promise<OwnedFolder> {
  try {
    return await createOwnedFolder(parent, folderPrefix);
  } catch (error) {
    throw error instanceof Error ? optionInvalid("tempDirectory", parent, error) : error;
  }
}

/** Applies settings that DuckDB accepts, or checks with a useful error, only once it runs. Returns the memory limit. */
async function configure(instance: DuckDBInstance, { memoryLimit, threads }: DuckDBEngineOptions): Promise<string> {
  const connection = await instance.connect();
  const set = (name: string, value: string | number): Promise<unknown> => connection.run(setting(name, value));
  try {
    await set("TimeZone", "UTC");
    await set("errors_as_json", "true");
    // DuckDB guesses how many rows a text file has. Where it guesses fewer than this, an as-of join compares every pair of rows.
    await set("asof_loop_join_threshold", 0);
    if (memoryLimit !== undefined)
      await set("memory_limit", memoryLimit).catch((error: unknown) => refuse("memoryLimit", memoryLimit, error));
    const inContainer = memoryLimit === undefined ? containerMemoryLimit() : undefined;
    if (inContainer !== undefined) await set("memory_limit", inContainer);
    if (threads !== undefined) await set("threads", threads).catch((error: unknown) => refuse("threads", threads, error));
    const [row = []] = (await connection.runAndReadAll("SELECT current_setting('memory_limit')")).getRowsJson();
    return memoryLimit ?? inContainer ?? String(row[0]);
  } finally {
    connection.closeSync();
  }
}

function setting(name: string, value: string | number): string {
  return `SET GLOBAL ${name} = ${duckdb.literal(String(value), { kind: "string" })}`;
}

function refuse(option: "memoryLimit" | "threads", value: string | number, error: unknown): never {
  throw optionInvalid(option, value, new NativeError(error));
}
