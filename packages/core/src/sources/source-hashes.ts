import { createHash } from "node:crypto";
import { hashFile } from "./hash-file.js";
import { withPartitions } from "./partition-values.js";
import type { RecordedHashes } from "./recorded-hashes.js";
import { type SourceFile, type SourceFiles, sourceChanged } from "./source-files.js";
import { sourceUnreadable } from "./source-unreadable.js";
import { Turns } from "./turns.js";

/**
 * Identifies the source data of a feature by content. File names do not matter, except for values in partition folder names. For an object in a
 * store, its state represents its content.
 */
export interface SourceHash {
  /** SHA-256 over the contents, or the states, of all files of all sources. */
  readonly fingerprint: string;
  /** SHA-256 of the only file, and of the values in its folder names if there are any. Undefined if there are several files. */
  readonly single?: string | undefined;
  /** The SHA-256 of the content of each file, or its state. */
  readonly files: ReadonlyMap<SourceFile, string>;
}

/** Hashes sources. Hashes each file once per build, even if many features read it, and not at all if its hash is recorded. */
export class SourceHashes {
  readonly #known = new Map<string, Promise<string>>();
  readonly #recorded: RecordedHashes;
  readonly #rehash: boolean;

  /** @param rehash if true, hashes also the files whose hash is recorded */
  constructor(recorded: RecordedHashes, rehash: boolean) {
    this.#recorded = recorded;
    this.#rehash = rehash;
  }

  async of(sources: readonly SourceFiles[], signal?: AbortSignal): Promise<SourceHash> {
    const lines: string[] = [];
    const all = new Map<SourceFile, string>();
    const turns = new Turns();
    for (const { source, files } of sources) {
      const hashes: string[] = [];
      for (const file of files) {
        await turns.next(signal);
        const hash = withPartitions(await this.#hash(source, file, signal), file);
        hashes.push(hash);
        all.set(file, hash);
      }
      lines.push(`${source} ${hashes.sort().join(" ")}`);
    }
    const only = sources.length === 1 && sources[0]?.files.length === 1 ? lines[0]?.split(" ").at(-1) : undefined;
    const fingerprint = createHash("sha256").update(lines.join("\n")).digest("hex");
    return { fingerprint, single: only, files: all };
  }

  async #hash(source: string, file: SourceFile, signal?: AbortSignal): Promise<string> {
    const key = `${file.state} ${file.path}`;
    const known = this.#known.get(key) ?? this.#find(source, file, signal);
    this.#known.set(key, known);
    return known;
  }

  /** Writes the record of hashes. */
  save(): Promise<void> {
    return this.#recorded.save();
  }

  async #find(source: string, file: SourceFile, signal?: AbortSignal): Promise<string> {
    const { path, state, fingerprint } = file;
    if (fingerprint !== undefined) return fingerprint;
    const recorded = this.#rehash ? undefined : await this.#recorded.find(path, state);
    return recorded ?? this.#recorded.record(path, state, () => hashSourceFile(source, file, signal));
  }
}

/**
 * Returns the SHA-256 of the content of a file, or of the state of an object in a store.
 *
 * @throws SOURCE_CHANGED if the file was deleted after it was found, SOURCE_UNREADABLE
 */
export async function hashSourceFile(source: string, { path, fingerprint }: SourceFile, signal?: AbortSignal): Promise<string> {
  if (fingerprint !== undefined) return fingerprint;
  try {
    return (await hashFile(path, signal)).sha256;
  } catch (error) {
    // File system errors have the name of the system call.
    if (!(error instanceof Error && "syscall" in error && "code" in error)) throw error;
    if (error.code === "ENOENT") throw sourceChanged(source, path, error);
    throw sourceUnreadable(source, path, `cannot be read: ${error.message}; check the file and its permissions`, error);
  }
}
