import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Engine, MlforgeError, type Store, type WriteResult, type WrittenFile } from "@mlforge/spec";
import { isFileName } from "../log/file-name.js";
import { hashObject } from "../log/hash-object.js";
import { dataFile } from "../log/keys.js";
import type { StagedFile } from "../log/put-data.js";
import { hashFile } from "../sources/hash-file.js";

/** A data file that was written, by its name within the version. */
export interface OutputFile {
  readonly name: string;
  readonly url: string;
  /** Size in bytes. */
  readonly size: number;
  /** In lowercase hex. */
  readonly sha256: string;
}

/** The folder that the rows of a feature are written to: a local folder, or the place of a version in a store. */
export interface Output {
  /** Without a trailing slash. */
  readonly url: string;
  /** The local path, if it has one. */
  readonly path?: string | undefined;
  /** Reads a file to find out its size and SHA-256. */
  hash(name: string, signal?: AbortSignal): Promise<{ readonly size: number; readonly sha256: string }>;
}

export function localOutput(path: string): Output {
  return { url: pathToFileURL(path).href, path, hash: (name, signal) => hashFile(join(path, name), signal) };
}

/** Returns an output in a store. @param prefix the beginning of the keys, without a trailing slash */
export function storeOutput(store: Store, prefix: string): Output {
  return {
    url: store.locate(prefix),
    hash: async (name, signal) => {
      const read = await hashObject(store, `${prefix}/${name}`, { signal });
      if (read !== undefined) return read;
      throw new MlforgeError("DATA_CORRUPT", `"${prefix}/${name}" was written but is not in the store; build again`, {
        key: `${prefix}/${name}`,
        reason: "not in the store",
      });
    },
  };
}

/** Returns files in a local folder, to be moved into a store. */
export function stagedFiles(files: readonly OutputFile[], folder: string): readonly StagedFile[] {
  return files.map(({ name, size, sha256 }) => ({ body: { file: join(folder, name), move: true }, name, size, sha256 }));
}

/** Returns the target of a write: a file named `name`, or the folder itself for an engine that writes folders. */
export function targetIn(folder: string, name: string, { capabilities }: Engine): string {
  return capabilities.output === "folder" ? folder : `${folder}/${name}`;
}

interface FilesOptions {
  /** The URL that was written to. Defaults to that of the data file. */
  readonly target?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the names and states of the files that an engine wrote. Reads those whose hash the engine does not report. */
export async function filesOf(
  written: WriteResult,
  output: Output,
  engine: Engine,
  { target = targetIn(output.url, dataFile, engine), signal }: FilesOptions = {},
): Promise<readonly OutputFile[]> {
  const files: OutputFile[] = [];
  for (const file of written.files) {
    const name = nameOf(file, target, engine);
    const { size, sha256 } = file;
    const state = size === undefined || sha256 === undefined ? await output.hash(name, signal) : { size, sha256 };
    files.push({ name, url: file.url, ...state });
  }
  if (files.length === 0 || new Set(files.map(({ name }) => name)).size < files.length)
    throw new TypeError(`the ${engine.name} engine reported no files for ${target}, or one of them twice`);
  return files;
}

function nameOf({ url }: WrittenFile, target: string, engine: Engine): string {
  const isWhole = url === target && engine.capabilities.output !== "folder";
  const name = isWhole ? basename(url) : url.slice(target.length + 1);
  if ((isWhole || url === `${target}/${name}`) && isFileName(name)) return name;
  throw new TypeError(
    `the ${engine.name} engine reported the file ${url}, which is not in its target ${target} or has a name that no data file can have`,
  );
}
