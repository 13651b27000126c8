import type { Engine, Format, Remote, Store } from "@mlforge/spec";
import type { CacheOptions } from "../sources/cache-folder.js";

/** Where the features of a project are stored, and what computes them. */
export interface Environment {
  /** The store that holds the versions. */
  readonly offlineStore: Store;
  /** The engine that computes features. Not required to read versions with a format, or for functions over batches. */
  readonly engine?: Engine | undefined;
  /** The format that reads and writes files if there is no engine. Functions over batches need it. */
  readonly format?: Format | undefined;
  /**
   * More places to read and write: sources, labels, and training sets at `s3://...`. Local files and URLs of the offline store's own service always
   * work.
   */
  readonly remotes?: readonly Remote[] | undefined;
  /** The cache for files that were fetched from a store or a remote. */
  readonly cache?: CacheOptions | undefined;
}
