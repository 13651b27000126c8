import { tmpdir } from "node:os";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { NativeError } from "./native-error.js";
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

/** Loads the native module on its first call. */
export async function openDatabase(options: DuckDBEngineOptions): Promise<Database> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await createTempFolder(options.tempDirectory ?? tmpdir());
  try {
    const instance = await DuckDBInstance.create(":memory:", {
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      temp_directory: folder,
      ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
      ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    });
    await configure(instance);
    return {
      connect: () => instance.connect(),
      close: async () => {
        instance.closeSync();
        await removeTempFolder(folder);
      },
    };
  } catch (error) {
    await removeTempFolder(folder);
    throw new NativeError(error);
  }
}

/** Settings that DuckDB takes only once it runs. */
async function configure(instance: DuckDBInstance): Promise<void> {
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run("SET GLOBAL errors_as_json = true");
  connection.closeSync();
}
