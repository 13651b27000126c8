import { MlforgeError, type Scan } from "@mlforge/spec";
import { NativeError } from "./native-error.js";

/** The context of an error: what was running, and the files it was reading. */
export interface ErrorContext {
  readonly where: string;
  readonly sources: readonly SourceFile[];
}

export interface SourceFile {
  readonly source: string;
  readonly path: string;
  /** The file that is read instead, as named in DuckDB's messages. */
  readonly read: string;
  /** The scan of this file only, with the columns in it. */
  readonly scan: Scan;
}

const noRoom = ["No space left on device", "Disk quota exceeded", "File too large"];

/** Converts a native error to the error that the contract promises. Passes other errors unchanged. */
export function engineError(error: unknown, { where, sources }: ErrorContext): unknown {
  if (!(error instanceof NativeError)) return error;
  const { type, message, line } = error;
  const options = { cause: error };
  if (type === "Out of Range" || (type === "Conversion" && message.includes("out of range"))) {
    return new MlforgeError("ARITHMETIC_OVERFLOW", `${where} overflows: ${line}; convert to float64 or decimal first`, { where }, options);
  }
  if (type === "Out of Memory" || noRoom.some((words) => message.includes(words))) {
    const advice = "raise the engine's memoryLimit, or give it a tempDirectory with more room";
    return new MlforgeError(
      "ENGINE_RESOURCES_EXHAUSTED",
      `${where} needs more than there is: ${line}; ${advice}`,
      { engine: "duckdb" },
      options,
    );
  }
  const file = sources.find(({ read }) => message.includes(read));
  if (file !== undefined) return unreadable(file, error);
  return new MlforgeError("TRANSFORM_FAILED", `${where} failed in duckdb: ${line}`, { where }, options);
}

/** Returns the error for a full disk, or undefined for any other problem. */
export function targetFull(error: unknown, path: string): MlforgeError<"ENGINE_RESOURCES_EXHAUSTED"> | undefined {
  if (!(error instanceof NativeError) || !error.message.includes(path)) return undefined;
  if (!noRoom.some((words) => error.message.includes(words))) return undefined;
  const message = `no space left to write ${path}: ${error.line}; free space or choose another volume`;
  return new MlforgeError("ENGINE_RESOURCES_EXHAUSTED", message, { engine: "duckdb", path }, { cause: error });
}

/** Makes the error for a file that DuckDB could not inspect. */
export function unreadable(file: Pick<SourceFile, "source" | "path">, error: unknown): unknown {
  if (!(error instanceof NativeError) || error.type === "Out of Memory")
    return engineError(error, { where: `reading ${file.path}`, sources: [] });
  const message = `source "${file.source}" cannot be read from ${file.path}: ${error.line}; check the file and the format of the source`;
  return new MlforgeError("SOURCE_UNREADABLE", message, { source: file.source, path: file.path }, { cause: error });
}
