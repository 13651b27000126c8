import { createHash } from "node:crypto";
import { type BigIntStats, constants, statSync } from "node:fs";
import { open, rename, rm, statfs, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolders, newOwnedPath, removeLeftovers } from "@mlforge/spec/ownership";
import * as v from "valibot";
import { fileState } from "./file-state.js";

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const schema = v.array(v.tuple([v.string(), v.string(), hex]));

const maxEntries = 20_000;
const maxBytes = 32 * 1024 * 1024;
/**
 * A file is recorded if it had not changed for this long when it was read. The clock of a file system has coarse ticks, so a second change in the same
 * tick shows in no time. A program that maps a file into memory sets its time only at the first write after the last writeback, at most 35 seconds ago.
 */
const settledMs = 60_000;
/** The magic numbers of ext2 to ext4, XFS, Btrfs, ZFS, F2FS, bcachefs, and overlayfs, from https://man7.org/linux/man-pages/man2/statfs.2.html. */
const trustedTypes: ReadonlySet<bigint> = new Set([0xef53n, 0x58465342n, 0x9123683en, 0x2fc12fc1n, 0xf2f52010n, 0xca451a4en, 0x794c7630n]);

interface Entry {
  readonly state: string;
  readonly sha256: string;
}

/**
 * Remembers the SHA-256 of files of this machine across processes, by path and state: size, modification time, change time, device, and inode.
 *
 * Nothing depends on the record: what is missing, damaged, or not ours is hashed again. Only files for which an equal state proves equal content are
 * recorded, as `docs/decisions` explains.
 */
export class RecordedHashes {
  readonly #path: string;
  readonly #now: () => number;
  /** The entries to write. Undefined for an entry to remove. */
  readonly #changed = new Map<string, Entry | undefined>();
  readonly #trusted = new Map<bigint, boolean>();
  #known: Promise<Map<string, Entry>> | undefined;

  /** @param now returns milliseconds since the epoch. Defaults to the clock of the system. */
  constructor(folder: string, now: () => number = Date.now) {
    this.#path = join(folder, "source-hashes.json");
    this.#now = now;
  }

  /** Returns the recorded SHA-256 of a file in a state. */
  async find(path: string, state: string): Promise<string | undefined> {
    if (process.platform !== "linux") return undefined;
    this.#known ??= readEntries(this.#path);
    const recorded = await this.#known;
    const known = this.#changed.has(path) ? this.#changed.get(path) : recorded.get(path);
    return known?.state === state ? known.sha256 : undefined;
  }

  /** Computes the SHA-256 of a file that was found in a state. Records it if the state proves the content. */
  async record(path: string, state: string, hash: () => Promise<string>): Promise<string> {
    const startedAt = this.#now();
    const sha256 = await hash();
    if (process.platform !== "linux") return sha256;
    const stats = statsNow(path);
    const isProof =
      stats !== undefined && fileState(stats) === state && isSettled(stats, startedAt) && (await this.#isTrusted(path, stats));
    if (isProof) this.#changed.set(path, { state, sha256 });
    else if ((await this.find(path, state)) !== undefined) this.#changed.set(path, undefined);
    return sha256;
  }

  /** Writes what was recorded. If several processes write at once, some of it is lost, and hashed again later. */
  async save(): Promise<void> {
    await removeLeftovers(dirname(this.#path), recordPrefix(this.#path));
    if (this.#changed.size === 0) return;
    const entries = await readEntries(this.#path);
    for (const [path, entry] of this.#changed) {
      // The newest stand last.
      entries.delete(path);
      if (entry !== undefined) entries.set(path, entry);
    }
    this.#known = Promise.resolve(entries);
    this.#changed.clear();
    const kept = [...entries].slice(-maxEntries);
    const text = JSON.stringify(kept.map(([path, { state, sha256 }]) => [path, state, sha256]));
    await writeAside(this.#path, `${checksum(text)}\n${text}\n`);
  }

  async #isTrusted(path: string, { dev }: BigIntStats): Promise<boolean> {
    const known = this.#trusted.get(dev);
    if (known !== undefined) return known;
    const isTrusted = await statfs(path, { bigint: true }).then(
      ({ type }) => trustedTypes.has(type),
      () => false,
    );
    this.#trusted.set(dev, isTrusted);
    return isTrusted;
  }
}

function statsNow(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function isSettled({ mtimeNs, ctimeNs }: BigIntStats, at: number): boolean {
  const changed = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return BigInt(at - settledMs) * 1_000_000n > changed;
}

/** Reads a record. Returns nothing if it is damaged, or if another user could have written it. */
async function readEntries(path: string): Promise<Map<string, Entry>> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile() || stats.uid !== process.getuid?.() || (stats.mode & 0o022) !== 0 || stats.size > maxBytes) return new Map();
      const [sum, text = ""] = (await handle.readFile("utf8")).split("\n");
      if (sum !== checksum(text)) return new Map();
      return new Map(v.parse(schema, JSON.parse(text)).map(([file, state, sha256]) => [file, { state, sha256 }]));
    } finally {
      await handle.close();
    }
  } catch {
    return new Map();
  }
}

/** Replaces a file at once. Writes nothing where the cache cannot be written: the record only saves time. */
async function writeAside(path: string, text: string): Promise<void> {
  try {
    await makeFolders(dirname(path), 0o700);
    const aside = await newOwnedPath(dirname(path), recordPrefix(path), "");
    try {
      await writeFile(aside, text, { mode: 0o600, flag: "wx" });
      await rename(aside, path);
    } catch {
      await rm(aside, { force: true });
    }
  } catch {
    // The folder cannot be made or listed.
  }
}

function recordPrefix(path: string): string {
  return `${basename(path)}.`;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
