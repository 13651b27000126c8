import type { CacheLease } from "./file-cache.js";

/** A file that is made on this machine when it is first read, such as the rows of a query. */
export interface MadeFile {
  /** What plans call it. No two files share one. */
  readonly url: string;
  /** What people call it. */
  readonly shown: string;
  /** Makes the file, or returns the one it made before. The lease is released by whoever made the file known. */
  make(signal?: AbortSignal): Promise<CacheLease>;
}
