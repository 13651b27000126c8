import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Leftover, StagingFolder } from "@mlforge/spec";
import {
  createOwnedFolder,
  leftoversIn,
  makeFolders,
  newOwnerName,
  type OwnedFolder,
  removeLeftover,
  removeLeftovers,
} from "@mlforge/spec/ownership";
import { lengthOf, pieces, united } from "./byte-ranges.js";
import { type CacheOptions, cacheFolder } from "./cache-folder.js";
import { readRecord, writeRecord } from "./cache-record.js";
import { cacheTrouble } from "./cache-trouble.js";
import { CachedFile } from "./cached-file.js";
import { type CheckedPieces, type Piece, pieceOf, stateOf } from "./cached-pieces.js";
import { RecordedHashes } from "./recorded-hashes.js";

const defaultMaxBytes = 10 * 1024 ** 3;
const pieceBytes = 8 * 1024 ** 2;
/** The prefixes of names in `unfinished/`: work folders, entries that are being created, and entries that are being removed. */
const unfinishedPrefixes = ["work-", "new-", "old-"] as const;
/** The name of a record that is being written: the name of the record, followed by its owner. It is beside the record. */
const unfinishedRecord = /^(.*\.json\.)[0-9a-f]{16}\./;

/** A cached file while it is in use. Disposing of it releases the file. */
export interface CacheLease extends AsyncDisposable {
  readonly file: CachedFile;
}

/**
 * Caches files by content in a folder that several processes can share without locks.
 *
 * A file is sparse and holds the bytes that were needed so far. All processes write the same bytes, so their order does not matter. Each process uses
 * a file through its own hard link, so an entry can be removed at any time. Layout: `files/<id>/<generation>.data` with its record
 * `<generation>.json`, `uses/` for the links, and `unfinished/` for entries that are being created or removed. `source-hashes.json` holds
 * {@link hashes}.
 */
export class FileCache implements AsyncDisposable {
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #opened = new Map<string, { readonly file: Promise<CachedFile>; users: number }>();
  #uses: Promise<OwnedFolder> | undefined;
  #links = 0;
  /** The checked pieces of each file. */
  readonly #checked = new Map<string, CheckedPieces>();
  /** The hashes of source files on this machine. */
  readonly hashes: RecordedHashes;

  constructor({ path, maxBytes = defaultMaxBytes }: CacheOptions = {}) {
    this.#root = cacheFolder(path);
    this.hashes = new RecordedHashes(this.#root);
    this.#maxBytes = maxBytes;
  }

  /**
   * Opens the cached file of an id. Creates it if it does not exist.
   *
   * @param id letters and digits; the same id always means the same bytes
   * @param size in bytes
   * @throws USAGE_INVALID if the folder is not writable, STORE_FULL
   */
  async open(id: string, size: number): Promise<CacheLease> {
    const opened = this.#opened.get(id) ?? { file: this.#linkOrSay(id, size), users: 0 };
    this.#opened.set(id, opened);
    opened.users++;
    const release = async (): Promise<void> => {
      opened.users--;
      if (opened.users > 0) return;
      if (this.#opened.get(id) === opened) this.#opened.delete(id);
      if (await (await opened.file).close()) await this.#shrink();
    };
    try {
      const file = await opened.file;
      let released = false;
      return {
        file,
        [Symbol.asyncDispose]: async () => {
          if (released) return;
          released = true;
          await release();
        },
      };
    } catch (error) {
      opened.users--;
      this.#opened.delete(id);
      throw error;
    }
  }

  /** Returns the complete file of an id, or undefined if the cache has none. @throws like {@link open} */
  async find(id: string): Promise<CacheLease | undefined> {
    const entry = join(this.#root, "files", id);
    const data = (await namesIn(entry)).find((name) => name.endsWith(".data"));
    const found = data === undefined ? undefined : await stat(join(entry, data)).catch(() => undefined);
    if (found === undefined) return undefined;
    const lease = await this.open(id, found.size);
    if ((await lease.file.missing([{ start: 0, end: found.size }])).length === 0) return lease;
    await lease[Symbol.asyncDispose]();
    return undefined;
  }

  /**
   * Moves a complete file into the cache without copying its bytes. If another process was first, keeps and returns the file of that process.
   *
   * @param path a file below a folder that {@link workFolder} created
   * @throws like {@link open}
   */
  async add(id: string, path: string): Promise<CacheLease> {
    try {
      const size = await syncedSize(path);
      const entry = join(this.#root, "files", id);
      for (;;) {
        await this.#enter(entry, async (aside) => {
          const name = randomUUID();
          await link(path, join(aside, `${name}.data`));
          await writeRecord(join(aside, `${name}.json`), await piecesOf(path, size));
        });
        const lease = await this.find(id);
        if (lease === undefined) continue;
        await this.#shrink(entry);
        return lease;
      }
    } catch (error) {
      throw cacheTrouble(error, this.#root);
    }
  }

  /** Creates a folder on the volume of the cache. Disposing of it deletes it. @throws like {@link open} */
  async workFolder(): Promise<StagingFolder> {
    try {
      this.#uses ??= this.#prepare();
      await this.#uses;
      return await createOwnedFolder(join(this.#root, "unfinished"), "work-");
    } catch (error) {
      throw cacheTrouble(error, this.#root);
    }
  }

  /** Removes a file whose bytes turned out to be wrong. */
  async remove(id: string): Promise<void> {
    this.#opened.delete(id);
    await this.#discard(join(this.#root, "files", id));
  }

  /** Finds the leftovers of ended processes in the cache folder. */
  async leftovers(): Promise<readonly Leftover[]> {
    const places: [folder: string, prefix: string][] = unfinishedPrefixes.map((prefix) => [join(this.#root, "unfinished"), prefix]);
    places.push([join(this.#root, "uses"), ""]);
    const files = join(this.#root, "files");
    const entries = (await readdir(files).catch(() => [])).map((id) => join(files, id));
    for (const folder of [this.#root, ...entries]) {
      const names = await readdir(folder).catch(() => []);
      for (const prefix of new Set(names.flatMap((name) => unfinishedRecord.exec(name)?.[1] ?? []))) places.push([folder, prefix]);
    }
    const found: Leftover[] = [];
    for (const [folder, prefix] of places) {
      for (const { path } of await leftoversIn(folder, prefix))
        found.push({ kind: "cache", location: path, remove: () => removeLeftover(path) });
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // If creating the folder failed, the caller has already received the error.
    const uses = await this.#uses?.catch(() => undefined);
    this.#uses = undefined;
    await uses?.[Symbol.asyncDispose]();
  }

  async #linkOrSay(id: string, size: number): Promise<CachedFile> {
    try {
      return await this.#link(id, size);
    } catch (error) {
      throw cacheTrouble(error, this.#root);
    }
  }

  async #link(id: string, size: number): Promise<CachedFile> {
    this.#uses ??= this.#prepare();
    const uses = (await this.#uses).path;
    const entry = join(this.#root, "files", id);
    for (;;) {
      const data = (await namesIn(entry)).find((name) => name.endsWith(".data"));
      if (data === undefined) {
        await this.#create(entry, size);
        continue;
      }
      const recordPath = join(entry, data.replace(/data$/, "json"));
      const recorded = await readRecord(recordPath);
      const path = join(uses, `${id}-${this.#links++}`);
      try {
        const checked = await this.#checkedOf(join(entry, data));
        const file = await CachedFile.link(join(entry, data), { path, recordPath, recorded, checked });
        if ((await stat(path)).size === size) return file;
        await file.abandon();
      } catch (error) {
        // Another process removed the entry in between.
        if (isCode(error, "ENOENT")) continue;
        throw error;
      }
      await this.#discard(entry);
    }
  }

  /** Returns what this process has checked of a file as it is now. */
  async #checkedOf(data: string): Promise<CheckedPieces> {
    const state = stateOf(await stat(data, { bigint: true }));
    const known = this.#checked.get(data);
    if (known?.state === state) return known;
    const checked = { state, keys: new Set<string>() };
    this.#checked.set(data, checked);
    return checked;
  }

  async #prepare(): Promise<OwnedFolder> {
    for (const folder of ["files", "unfinished"]) await makeFolders(join(this.#root, folder), 0o700);
    const unfinished = join(this.#root, "unfinished");
    for (const prefix of unfinishedPrefixes) await removeLeftovers(unfinished, prefix);
    return createOwnedFolder(join(this.#root, "uses"), "");
  }

  async #create(entry: string, size: number): Promise<void> {
    await this.#enter(entry, async (aside) => {
      const handle = await open(join(aside, `${randomUUID()}.data`), "wx", 0o600);
      try {
        await handle.truncate(size);
      } finally {
        await handle.close();
      }
    });
  }

  /** Creates an entry from the files that `fill` writes into a folder, unless the entry already exists. */
  async #enter(entry: string, fill: (folder: string) => Promise<void>): Promise<void> {
    const aside = join(this.#root, "unfinished", `new-${await newOwnerName()}`);
    await mkdir(aside, { mode: 0o700 });
    try {
      await fill(aside);
      // An empty folder is a leftover. A folder that is not empty is an entry that another process created in between.
      await rmdir(entry).catch(() => undefined);
      await rename(aside, entry);
    } catch (error) {
      if (!isCode(error, "ENOTEMPTY", "EEXIST", "EPERM")) throw error;
      if (!(await namesIn(entry)).some((name) => name.endsWith(".data"))) await this.#discard(entry);
    } finally {
      await removeAll(aside);
    }
  }

  /** Removes the least recently used entries until the rest is small enough. Keeps the entry `kept`. */
  async #shrink(kept?: string): Promise<void> {
    const files = join(this.#root, "files");
    const entries: { path: string; bytes: number; usedAt: number }[] = [];
    for (const id of await namesIn(files)) {
      const path = join(files, id);
      const record = (await namesIn(path)).find((name) => name.endsWith(".json"));
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) continue;
      const ranges = record === undefined ? [] : await readRecord(join(path, record));
      entries.push({ path, bytes: lengthOf(united(ranges)), usedAt: found.mtimeMs });
    }
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of entries.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.#maxBytes) return;
      if (path === kept) continue;
      await this.#discard(path);
      total -= bytes;
    }
  }

  /** Moves the entry away first, so that no process finds half of it. */
  async #discard(entry: string): Promise<void> {
    const aside = join(this.#root, "unfinished", `old-${await newOwnerName()}`);
    try {
      await rename(entry, aside);
    } catch (error) {
      if (isCode(error, "ENOENT")) return;
      throw error;
    }
    await removeAll(aside);
  }
}

/** Syncs a file to disk and returns its size. */
async function syncedSize(path: string): Promise<number> {
  const handle = await open(path, "r+");
  try {
    await handle.datasync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** Describes a whole file in pieces. */
async function piecesOf(path: string, size: number): Promise<readonly Piece[]> {
  const handle = await open(path);
  try {
    const found: Piece[] = [];
    for (const piece of pieces([{ start: 0, end: size }], pieceBytes)) found.push(await pieceOf(handle, piece));
    return found;
  } finally {
    await handle.close();
  }
}

function removeAll(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
