import { type FileHandle, link, open, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders } from "@mlforge/spec/ownership";
import pLimit from "p-limit";
import { type Bytes, united, without } from "./byte-ranges.js";
import { type Piece, writeRecord } from "./cache-record.js";
import { cacheTrouble } from "./cache-trouble.js";
import { areIntact, piecesOf } from "./cached-pieces.js";

/** After this many bytes, a sync to disk starts in the background, so that little remains to wait for at the end. */
const syncBytes = 32 * 1024 * 1024;

/** A file of the cache while it is in use. It has a name of its own, so that removing it from the cache does not affect its users. */
export class CachedFile {
  /** A sparse file of the full size. Only the filled bytes are valid. */
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #recordPath: string;
  readonly #recorded: readonly Piece[];
  #ranges: readonly Bytes[];
  readonly #oneAtATime = pLimit(1);
  /** Bytes that were written but whose sync has not started. */
  #unsynced = 0;
  #synced: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, recordPath: string, recorded: readonly Piece[]) {
    this.path = path;
    this.#handle = handle;
    this.#recordPath = recordPath;
    this.#recorded = recorded;
    this.#ranges = united(recorded);
  }

  /** Gives the file at `data` the additional name `path`, and opens it. */
  static async link(data: string, path: string, recordPath: string, recorded: readonly Piece[]): Promise<CachedFile> {
    await link(data, path);
    return new CachedFile(path, await open(path, "r+"), recordPath, recorded);
  }

  /** Creates another path for the file, below folders of these names, for a reader that needs them. It is removed together with the first path. */
  async below(folders: readonly string[]): Promise<string> {
    const folder = join(this.#folders, ...folders);
    const path = join(folder, "data");
    try {
      await makeFolders(folder, 0o700);
      await link(this.path, path);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw cacheTrouble(error, dirname(this.path));
    }
    return path;
  }

  get #folders(): string {
    return `${this.path}.below`;
  }

  /** Returns true if the bytes that were recorded are still the same. Reads them all. */
  isIntact(): Promise<boolean> {
    return areIntact(this.#handle, this.#recorded);
  }

  missing(wanted: readonly Bytes[]): Bytes[] {
    return without(wanted, this.#ranges);
  }

  /** Runs `work` while no other exclusive work on this file runs in this process. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#oneAtATime(work);
  }

  /** Writes bytes to the file. @throws STORE_FULL */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.#handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      }
    } catch (error) {
      throw cacheTrouble(error, dirname(this.path));
    }
    this.#unsynced += bytes.length;
    if (this.#unsynced >= syncBytes) this.#sync().catch(() => {});
  }

  async read({ start, end }: Bytes): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - start);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new RangeError(`"${this.path}" ends at byte ${start + done}, before byte ${end}`);
      done += bytesRead;
    }
    return bytes;
  }

  /** Records in memory that these bytes were written. */
  filled(ranges: readonly Bytes[]): void {
    this.#ranges = united([...this.#ranges, ...ranges]);
  }

  /** Writes the record of filled bytes and removes the name. Resolves to true if anything was filled. */
  async close(): Promise<boolean> {
    const added = without(this.#ranges, this.#recorded);
    const grew = added.length > 0;
    try {
      if (grew) {
        await this.#sync();
        await writeRecord(this.#recordPath, [...this.#recorded, ...(await piecesOf(this.#handle, added))]);
      } else {
        const now = new Date();
        await utimes(dirname(this.#recordPath), now, now);
      }
    } catch (error) {
      // The entry was removed in between. Other cache errors do not cause a failure either.
      if (!(error instanceof Error && "code" in error)) throw error;
    } finally {
      await this.#handle.close();
      await rm(this.path, { force: true });
      await rm(this.#folders, { recursive: true, force: true });
    }
    return grew;
  }

  /** Removes the name without writing a record, because the file is damaged. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    await rm(this.path, { force: true });
  }

  /** Syncs everything written so far to disk. Also rejects if an earlier sync failed, since the system reports a failure only once. */
  #sync(): Promise<void> {
    this.#unsynced = 0;
    this.#synced = this.#synced.then(() => this.#handle.datasync());
    return this.#synced;
  }
}
