import { tmpdir } from "node:os";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { isMlforgeError } from "@mlforge/spec";
import { duckdb } from "@mlforge/sql";
import { NativeError } from "./native-error.js";
import { optionInvalid } from "./option-invalid.js";
import { createTempFolder, removeTempFolder } from "./temp-folder.js";

export interface DuckDBEngineOptions {
  /** What DuckDB may hold in memory before it spills, for example `"2GB"`; 80 % of the machine's memory unless told. */
  readonly memoryLimit?: string | undefined;
  /** One for each processor unless told. */
  readonly threads?: number | undefined;
  /** Where a folder for what is spilled is made; the system's temporary folder unless told. It is removed on dispose. */
  readonly tempDirectory?: string | undefined;
}

/** An in-memory database and the folder it spills to. */
export interface Database {
  connect(): Promise<DuckDBConnection>;
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
      temp_directory: folder,
    });
    try {
      await configure(instance, options);
    } catch (error) {
      instance.closeSync();
      throw error;
    }
    return {
      connect: () => instance.connect(),
      close: async () => {
        instance.closeSync();
        await removeTempFolder(folder);
      },
    };
  } catch (error) {
    await removeTempFolder(folder);
    throw isMlforgeError(error) ? error : new NativeError(error);
  }
}

async function tempFolder(parent: string): Promise<string> {
  try {
    return await createTempFolder(parent);
  } catch (error) {
    throw error instanceof Error ? optionInvalid("tempDirectory", parent, error) : error;
  }
}

/** Settings that DuckDB takes only once it runs, and those of which it says only then what is wrong with them. */
async function configure(instance: DuckDBInstance, { memoryLimit, threads }: DuckDBEngineOptions): Promise<void> {
  const connection = await instance.connect();
  const set = (setting: string, value: string | number): Promise<unknown> =>
    connection.run(`SET GLOBAL ${setting} = ${duckdb.literal(String(value), { kind: "string" })}`);
  try {
    await set("TimeZone", "UTC");
    await set("errors_as_json", "true");
    if (memoryLimit !== undefined)
      await set("memory_limit", memoryLimit).catch((error: unknown) => refuse("memoryLimit", memoryLimit, error));
    if (threads !== undefined) await set("threads", threads).catch((error: unknown) => refuse("threads", threads, error));
  } finally {
    connection.closeSync();
  }
}

function refuse(option: "memoryLimit" | "threads", value: string | number, error: unknown): never {
  throw optionInvalid(option, value, new NativeError(error));
}
