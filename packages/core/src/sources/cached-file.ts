import { type FileHandle, link, open, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders } from "@mlforge/spec/ownership";
import pLimit from "p-limit";
import { type Bytes, overlap, without } from "./byte-ranges.js";
import { writeRecord } from "./cache-record.js";
import { cacheTrouble } from "./cache-trouble.js";
import { type CheckedPieces, isIntact, type Piece, pieceKey, stateOf } from "./cached-pieces.js";

/** After this many bytes, a sync to disk starts in the background, so that little remains to wait for at the end. */
const syncBytes = 32 * 1024 * 1024;

/**
 * A file of the cache while it is in use. It has a name of its own, so that removing it from the cache does not affect its users.
 */
export class CachedFile {
  /** A sparse file of the full size. Only the filled bytes are valid. */
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #recordPath: string;
  readonly #checked: CheckedPieces;
  /** The pieces that are recorded or were written, without those that turned out to be damaged. */
  #pieces: readonly Piece[];
  /** True if the record must be written again. */
  #changed = false;
  readonly #oneAtATime = pLimit(1);
  readonly #oneCheckAtATime = pLimit(1);
  /** Bytes that were written but whose sync has not started. */
  #unsynced = 0;
  #synced: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, recordPath: string, recorded: readonly Piece[], checked: CheckedPieces) {
    this.path = path;
    this.#handle = handle;
    this.#recordPath = recordPath;
    this.#pieces = recorded;
    this.#checked = checked;
  }

  /** Gives the file at `data` the additional name `path`, and opens it. Adds to `checked` what it compares with the record. */
  static async link(
    data: string,
    { path, recordPath, recorded, checked }: { path: string; recordPath: string; recorded: readonly Piece[]; checked: CheckedPieces },
  ): Promise<CachedFile> {
    await link(data, path);
    return new CachedFile(path, await open(path, "r+"), recordPath, recorded, checked);
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

  /** True if any bytes are recorded or were written. */
  get hasBytes(): boolean {
    return this.#pieces.length > 0;
  }

  /** Returns the bytes that must be fetched. Reads the recorded pieces that overlap the wanted bytes, and drops those that are damaged. */
  async missing(wanted: readonly Bytes[]): Promise<Bytes[]> {
    await this.#oneCheckAtATime(async () => {
      for (const piece of this.#pieces) {
        if (this.#checked.keys.has(pieceKey(piece)) || !overlap(piece, wanted)) continue;
        if (await isIntact(this.#handle, piece)) this.#checked.keys.add(pieceKey(piece));
        else {
          this.#pieces = this.#pieces.filter((other) => other !== piece);
          this.#changed = true;
        }
      }
    });
    return without(wanted, this.#pieces);
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

  /** Records in memory that these pieces were written. */
  filled(pieces: readonly Piece[]): void {
    for (const piece of pieces) this.#checked.keys.add(pieceKey(piece));
    // What was fetched again replaces what it covers.
    const kept = this.#pieces.filter((piece) => without([piece], pieces).length > 0);
    this.#pieces = [...kept, ...pieces];
    this.#changed = true;
  }

  /** Writes the record of pieces and removes the name. Resolves to true if the record changed. */
  async close(): Promise<boolean> {
    try {
      if (this.#changed) {
        await this.#sync();
        this.#checked.state = stateOf(await this.#handle.stat({ bigint: true }));
        await writeRecord(this.#recordPath, this.#pieces);
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
    return this.#changed;
  }

  /** Removes the name without writing a record, because the file has another size. */
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
