import type { CacheLease } from "./file-cache.js";

/** A file that is created on this machine when it is first read, such as the rows of a query. */
export interface MadeFile {
  /** The URL that plans use. Unique to this file. */
  readonly url: string;
  /** The name shown in messages. */
  readonly shown: string;
  /** Creates the file, or returns the existing one. Whoever made the file known releases the lease. */
  make(signal?: AbortSignal): Promise<CacheLease>;
}
