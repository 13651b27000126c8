import { pathToFileURL } from "node:url";
import { isMlforgeError, mapScans, type Plan, type RandomAccessFile, type Scan } from "@mlforge/spec";
import pLimit from "p-limit";
import { type Bytes, bridged, pieces, united } from "./byte-ranges.js";
import type { CachedFile } from "./cached-file.js";
import type { Piece } from "./cached-pieces.js";
import type { CacheLease, FileCache } from "./file-cache.js";
import { hashFile } from "./hash-file.js";
import { openLocalFile } from "./local-file.js";
import type { MadeFile } from "./made-file.js";
import { parquetRanges } from "./parquet-ranges.js";
import { partitionFolders } from "./partition-values.js";
import { fetchBytes, OtherState, type RemoteFile } from "./remote-file.js";

/** The maximum number of concurrent requests, over all files. */
const concurrentRequests = 16;
/** The maximum number of files to process concurrently. */
const concurrentFiles = 8;
const pieceBytes = 8 * 1024 * 1024;

/** The part of a file that is needed: all of it, or for Parquet the footer and the pages of some columns. */
export type Need =
  | { readonly kind: "whole"; readonly hashed?: boolean }
  | { readonly kind: "columns"; readonly columns: readonly string[] };

/** A plan over local files. Disposing of it releases the files. */
export interface StagedPlan extends AsyncDisposable {
  readonly plan: Plan;
  /** The URLs of the files by local path, for messages. */
  readonly urls: ReadonlyMap<string, string>;
}

/** The remote files that the plans of a project name by URL, and the cache that holds their bytes. */
export class RemoteFiles implements AsyncDisposable {
  readonly #cache: FileCache;
  readonly #known = new Map<string, RemoteFile>();
  readonly #made = new Map<string, MadeFile & AsyncDisposable>();
  readonly #limit = pLimit(concurrentRequests);
  readonly #files = pLimit(concurrentFiles);

  constructor(cache: FileCache) {
    this.#cache = cache;
  }

  /** Lets plans name a file. Replaces the state that was known under the same URL. */
  know(file: RemoteFile): void {
    this.#known.set(file.url, file);
  }

  /** Lets plans name a file that is created on this machine. It is disposed of together with this object, or when it is forgotten. */
  knowMade(file: MadeFile & AsyncDisposable): void {
    this.#made.set(file.url, file);
  }

  async forgetMade(url: string): Promise<void> {
    const file = this.#made.get(url);
    this.#made.delete(url);
    await file?.[Symbol.asyncDispose]();
  }

  knows(url: string): boolean {
    return this.#known.has(url) || this.#made.has(url);
  }

  /** Returns the id of the file that is known under a URL now. */
  idOf(url: string): string | undefined {
    return this.#known.get(url)?.id;
  }

  /**
   * Fetches what a plan reads of the known files and replaces them with local files. Other URLs stay unchanged.
   *
   * @param only whether the plan reads rows, or just the names and types of columns
   */
  async stage(plan: Plan, only: "rows" | "columns", signal?: AbortSignal): Promise<StagedPlan> {
    const scans: Scan[] = [];
    mapScans(plan, (scan) => {
      scans.push(scan);
      return scan;
    });
    const needs = new Map<string, Need>();
    for (const scan of scans) for (const url of scan.paths) if (this.knows(url)) needs.set(url, merge(needs.get(url), needOf(scan, only)));
    const leases: CacheLease[] = [];
    const release = async (): Promise<void> => {
      for (const lease of leases.splice(0)) await lease[Symbol.asyncDispose]();
    };
    const local = new Map<string, CachedFile>();
    const fetched = await Promise.allSettled(
      [...needs].map(([url, need]) =>
        this.#files(async () => {
          const lease = await this.#fetch(url, need, signal);
          leases.push(lease);
          local.set(url, lease.file);
        }),
      ),
    );
    try {
      for (const outcome of fetched) if (outcome.status === "rejected") throw outcome.reason;
      const paths = await localPaths(scans, local);
      const staged = mapScans(plan, (scan) => ({
        ...scan,
        paths: scan.paths.map((url) => {
          const path = paths.get(scan)?.get(url);
          return path === undefined ? url : pathToFileURL(path).href;
        }),
      }));
      const urls = [...paths.values()].flatMap((found) =>
        [...found].map(([url, path]) => [path, this.#made.get(url)?.shown ?? url] as const),
      );
      return { plan: staged, urls: new Map(urls), [Symbol.asyncDispose]: release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Fetches the needed part of a known file in advance. @throws the error that `changed` of the file returns */
  async fetch(url: string, need: Need, signal?: AbortSignal): Promise<void> {
    await using _ = await this.#fetch(url, need, signal);
  }

  /** Opens a known file for random access. Fetches bytes beyond `need` when they are read. */
  async open(url: string, need: Need, signal?: AbortSignal): Promise<RandomAccessFile & AsyncDisposable> {
    const made = await this.#make(url, signal);
    if (made !== undefined) return openLocalFile(pathToFileURL(made.file.path));
    const remote = this.#find(url);
    const lease = await this.#fetch(url, need, signal);
    return {
      name: url,
      size: remote.size,
      read: async (start, end, options) => {
        await this.#fill(remote, lease.file, [{ start, end }], options?.signal ?? signal).catch((error: unknown) => {
          throw error instanceof WrongBytes ? remote.changed(error.message) : error;
        });
        return lease.file.read({ start, end });
      },
      [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const url of [...this.#made.keys()]) await this.forgetMade(url);
    await this.#cache[Symbol.asyncDispose]();
  }

  #find(url: string): RemoteFile {
    const found = this.#known.get(url);
    if (found === undefined) throw new TypeError(`no file is known at ${url}`);
    return found;
  }

  /** Makes a created file. Its user does not release it. */
  async #make(url: string, signal?: AbortSignal): Promise<CacheLease | undefined> {
    const lease = await this.#made.get(url)?.make(signal);
    return lease === undefined ? undefined : { file: lease.file, [Symbol.asyncDispose]: async () => {} };
  }

  async #fetch(url: string, need: Need, signal?: AbortSignal): Promise<CacheLease> {
    const made = await this.#make(url, signal);
    if (made !== undefined) return made;
    const remote = this.#find(url);
    const lease = await this.#cache.open(remote.id, remote.size);
    const cached = lease.file.hasBytes;
    try {
      if (need.kind === "whole") await this.#fill(remote, lease.file, whole(remote), signal);
      else await this.#fillColumns(remote, lease.file, need.columns, signal);
      if (need.kind === "whole" && need.hashed === true) await this.#verify(remote, lease.file);
      return lease;
    } catch (error) {
      await lease[Symbol.asyncDispose]();
      if (!(error instanceof WrongBytes)) throw error;
      await this.#cache.remove(remote.id);
      // The cached bytes may be wrong, so they are fetched again once.
      if (cached) return this.#fetch(url, need, signal);
      throw remote.changed(error.message);
    }
  }

  async #fillColumns(remote: RemoteFile, file: CachedFile, columns: readonly string[], signal?: AbortSignal): Promise<void> {
    const read = async (bytes: Bytes): Promise<Uint8Array> => {
      await this.#fill(remote, file, [bytes], signal);
      return file.read(bytes);
    };
    await this.#fill(remote, file, (await parquetRanges(remote.size, columns, read)) ?? whole(remote), signal);
  }

  /** Fetches the missing bytes. If the etag cannot identify the state of a file, fetches the whole file and checks it against its hash. */
  async #fill(remote: RemoteFile, file: CachedFile, wanted: readonly Bytes[], signal?: AbortSignal): Promise<void> {
    if ((await file.missing(wanted)).length === 0) return;
    await file.exclusively(async () => {
      const missing = await file.missing(wanted);
      if (missing.length === 0) return;
      try {
        if (remote.etag !== undefined || remote.sha256 === undefined) {
          return file.filled(await this.#get(remote, file, bridged(united(missing)), remote.etag, signal));
        }
      } catch (error) {
        if (!(error instanceof OtherState)) throw translated(remote, error);
        if (remote.sha256 === undefined || error.found.size !== remote.size) throw remote.changed(problemOf(remote, error), error);
      }
      await this.#fillVerified(remote, file, signal);
    });
  }

  async #fillVerified(remote: RemoteFile, file: CachedFile, signal?: AbortSignal): Promise<void> {
    try {
      const fetched = await this.#get(remote, file, await file.missing(whole(remote)), undefined, signal);
      await this.#verify(remote, file);
      file.filled(fetched);
    } catch (error) {
      if (error instanceof OtherState) throw remote.changed(problemOf(remote, error), error);
      throw translated(remote, error);
    }
  }

  async #verify(remote: RemoteFile, file: CachedFile): Promise<void> {
    const { sha256 } = await hashFile(file.path);
    if (remote.sha256 !== undefined && sha256 !== remote.sha256) throw new WrongBytes(sha256, remote.sha256);
  }

  async #get(
    remote: RemoteFile,
    file: CachedFile,
    ranges: readonly Bytes[],
    etag: string | undefined,
    signal?: AbortSignal,
  ): Promise<readonly Piece[]> {
    // The first failure stops the other requests.
    const ended = new AbortController();
    const both = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
    const gets = pieces(ranges, pieceBytes).map((piece) => this.#limit(() => fetchBytes(remote, piece, file, { etag, signal: both })));
    try {
      return await Promise.all(gets);
    } catch (error) {
      ended.abort();
      await Promise.allSettled(gets);
      throw error;
    }
  }
}

function translated(remote: RemoteFile, error: unknown): unknown {
  return isMlforgeError(error, "STORE_NOT_FOUND") ? remote.changed("it is missing", error) : error;
}

/** Thrown if a file that was fetched as a whole does not have the SHA-256 it was published with. */
class WrongBytes extends Error {
  constructor(found: string, wanted: string) {
    super(`its SHA-256 is ${found} instead of ${wanted}`);
  }
}

function problemOf({ size, etag }: RemoteFile, { found }: OtherState): string {
  return found.size === size ? `its etag is ${found.etag} instead of ${etag}` : `it has ${found.size} bytes instead of ${size}`;
}

function whole({ size }: RemoteFile): readonly Bytes[] {
  return [{ start: 0, end: size }];
}

function needOf({ format, columns, partitions = [] }: Scan, only: "rows" | "columns"): Need {
  if (format.kind !== "parquet") return { kind: "whole" };
  if (only === "columns") return { kind: "columns", columns: [] };
  if (columns === undefined) return { kind: "whole" };
  const inFolders = new Set(partitions.map(({ name }) => name));
  return { kind: "columns", columns: columns.map(({ name }) => name).filter((name) => !inFolders.has(name)) };
}

function merge(a: Need | undefined, b: Need): Need {
  if (a === undefined || b.kind === "whole") return b;
  return a.kind === "whole" ? a : { kind: "columns", columns: [...a.columns, ...b.columns] };
}

/** Returns the paths that each scan reads, by URL. If folder names contain values, the paths are below folders of the same names. */
async function localPaths(
  scans: readonly Scan[],
  local: ReadonlyMap<string, CachedFile>,
): Promise<ReadonlyMap<Scan, ReadonlyMap<string, string>>> {
  const paths = new Map<Scan, ReadonlyMap<string, string>>();
  for (const scan of scans) {
    const found = new Map<string, string>();
    for (const url of scan.paths) {
      const file = local.get(url);
      if (file === undefined) continue;
      const folders = partitionFolders(url, scan.partitions ?? []);
      found.set(url, folders.length === 0 ? file.path : await file.below(folders));
    }
    paths.set(scan, found);
  }
  return paths;
}

/** Returns true if a URL names a file on this machine. */
export function isLocal(url: string): boolean {
  return /^file:/i.test(url);
}
