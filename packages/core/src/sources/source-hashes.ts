import { createHash } from "node:crypto";
import { hashFile } from "./hash-file.js";
import { withPartitions } from "./partition-values.js";
import type { SourceFile, SourceFiles } from "./source-files.js";

/**
 * What the source data of a feature is, by its content; the names of files do not count, but for the values in those of partition folders. Of an object in a
 * store, its state stands for its content.
 */
export interface SourceHash {
  /** SHA-256 over the contents, or the states, of all files of all sources. */
  readonly fingerprint: string;
  /** SHA-256 of the file, where there is only one, and of the values in the names of its folders, where there are some. */
  readonly single?: string | undefined;
}

/** Hashes sources, each file once in a build even where many features read it. */
export class SourceHashes {
  readonly #known = new Map<string, Promise<string>>();

  async of(sources: readonly SourceFiles[], signal?: AbortSignal): Promise<SourceHash> {
    const lines: string[] = [];
    for (const { source, files } of sources) {
      const hashes: string[] = [];
      for (const file of files) hashes.push(withPartitions(await this.#hash(file, signal), file));
      lines.push(`${source} ${hashes.sort().join(" ")}`);
    }
    const only = sources.length === 1 && sources[0]?.files.length === 1 ? lines[0]?.split(" ").at(-1) : undefined;
    const fingerprint = createHash("sha256").update(lines.join("\n")).digest("hex");
    return { fingerprint, single: only };
  }

  async #hash({ path, state, fingerprint }: SourceFile, signal?: AbortSignal): Promise<string> {
    if (fingerprint !== undefined) return fingerprint;
    const file = `${state} ${path}`;
    const known = this.#known.get(file) ?? hashFile(path, signal).then(({ sha256 }) => sha256);
    this.#known.set(file, known);
    return known;
  }
}
