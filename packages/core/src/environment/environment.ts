import type { Engine, Format, Remote, Store } from "@mlforge/spec";
import type { CacheOptions } from "../sources/cache-folder.js";

/** Where a project's features live, and what works there. */
export interface Environment {
  /** Where versions are kept. */
  readonly offlineStore: Store;
  /** What computes features. Not needed to read versions back with a format, nor for functions over batches. */
  readonly engine?: Engine | undefined;
  /** What reads and writes files where there is no engine. Functions over batches need it. */
  readonly format?: Format | undefined;
  /** What else can be reached, beside local files and what the offline store itself can reach: sources, labels and training sets at `s3://...`. */
  readonly remotes?: readonly Remote[] | undefined;
  /** Where files are kept that were fetched from a store or a remote. */
  readonly cache?: CacheOptions | undefined;
}
