import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { lengthOf } from "./byte-ranges.js";
import { type CacheOptions, cacheFolder } from "./cache-folder.js";
import { readRecord } from "./cache-record.js";
import { cacheTrouble } from "./cache-trouble.js";
import { CachedFile } from "./cached-file.js";
import { makeOwnUses } from "./own-uses.js";

const defaultMaxBytes = 10 * 1024 ** 3;
/** Something unfinished of this age belongs to no living process. */
const unfinishedMaxAge = 24 * 60 * 60 * 1000;

/** A cached file, as long as it is used. */
export interface CacheLease extends AsyncDisposable {
  readonly file: CachedFile;
}

/**
 * Files by what they hold, kept in a folder that many processes share and that none of them locks.
 *
 * A file is sparse and holds the bytes that somebody needed; all write the same bytes, so it does not matter who is first. A process uses a
 * file by a hard link of its own, so that an entry can be removed at any time. Below the root: `files/<id>/<generation>.data` with its record
 * `<generation>.json`, `uses/` for the links, `unfinished/` for what is being made or removed.
 */
export class FileCache implements AsyncDisposable {
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #opened = new Map<string, { readonly file: Promise<CachedFile>; users: number }>();
  #uses: Promise<string> | undefined;
  #links = 0;

  constructor({ path, maxBytes = defaultMaxBytes }: CacheOptions = {}) {
    this.#root = cacheFolder(path);
    this.#maxBytes = maxBytes;
  }

  /**
   * The cached file of an id, made where there is none.
   *
   * @param id Letters and digits; the same id always means the same bytes.
   * @param size Bytes.
   * @throws USAGE_INVALID where the folder cannot be written, STORE_FULL
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

  /** Removes a file whose bytes proved wrong. */
  async remove(id: string): Promise<void> {
    this.#opened.delete(id);
    await this.#discard(join(this.#root, "files", id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A folder that could not be made has told its caller so.
    const uses = await this.#uses?.catch(() => undefined);
    this.#uses = undefined;
    if (uses !== undefined) await removeAll(uses);
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
    const uses = await this.#uses;
    const entry = join(this.#root, "files", id);
    for (;;) {
      const data = (await namesIn(entry)).find((name) => name.endsWith(".data"));
      if (data === undefined) {
        await this.#create(entry, size);
        continue;
      }
      const recordPath = join(entry, data.replace(/data$/, "json"));
      const record = await readRecord(recordPath);
      const path = join(uses, `${id}-${this.#links++}`);
      try {
        const file = await CachedFile.link(join(entry, data), path, recordPath, record);
        if ((await stat(path)).size === size) return file;
        await file.close();
      } catch (error) {
        // Somebody removed the entry meanwhile.
        if (isCode(error, "ENOENT")) continue;
        throw error;
      }
      await this.#discard(entry);
    }
  }

  async #prepare(): Promise<string> {
    for (const folder of ["files", "unfinished"]) await mkdir(join(this.#root, folder), { recursive: true, mode: 0o700 });
    const unfinished = join(this.#root, "unfinished");
    for (const name of await readdir(unfinished)) {
      const found = await stat(join(unfinished, name)).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > unfinishedMaxAge) await removeAll(join(unfinished, name));
    }
    return makeOwnUses(join(this.#root, "uses"));
  }

  async #create(entry: string, size: number): Promise<void> {
    const aside = await mkdtemp(join(this.#root, "unfinished", "new-"));
    try {
      const handle = await open(join(aside, `${randomUUID()}.data`), "wx", 0o600);
      try {
        await handle.truncate(size);
      } finally {
        await handle.close();
      }
      // An empty folder is what somebody left; one that is not empty is another process's entry, made meanwhile.
      await rmdir(entry).catch(() => undefined);
      await rename(aside, entry);
    } catch (error) {
      if (!isCode(error, "ENOTEMPTY", "EEXIST", "EPERM")) throw error;
      if (!(await namesIn(entry)).some((name) => name.endsWith(".data"))) await this.#discard(entry);
    } finally {
      await removeAll(aside);
    }
  }

  /** Removes what was not used for longest, until the rest is small enough. */
  async #shrink(): Promise<void> {
    const files = join(this.#root, "files");
    const entries: { path: string; bytes: number; usedAt: number }[] = [];
    for (const id of await namesIn(files)) {
      const path = join(files, id);
      const record = (await namesIn(path)).find((name) => name.endsWith(".json"));
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) continue;
      const ranges = record === undefined ? [] : await readRecord(join(path, record));
      entries.push({ path, bytes: lengthOf(ranges), usedAt: found.mtimeMs });
    }
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of entries.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.#maxBytes) return;
      await this.#discard(path);
      total -= bytes;
    }
  }

  /** Moved away first, so that nobody finds half of it. */
  async #discard(entry: string): Promise<void> {
    const aside = join(this.#root, "unfinished", `old-${randomUUID()}`);
    try {
      await rename(entry, aside);
    } catch (error) {
      if (isCode(error, "ENOENT")) return;
      throw error;
    }
    await removeAll(aside);
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
