import type { Engine, Format, Store } from "@mlforge/spec";
import type { FileCache } from "./file-cache.js";
import type { RemoteFiles } from "./remote-files.js";
import type { Remotes } from "./remotes.js";

/** The stores, plugins, and caches that a build works with. */
export interface BuildContext {
  readonly store: Store;
  readonly engine?: Engine | undefined;
  readonly format?: Format | undefined;
  /** Everything outside this machine. */
  readonly remotes: Remotes;
  /** The remote files that plans can name. `engine` reads them through this. */
  readonly files: RemoteFiles;
  /** The engine without access to remote files, for files created on this machine. */
  readonly localEngine?: Engine | undefined;
  readonly cache: FileCache;
  /** The name of the builder, for claims and histories. */
  readonly by: string;
  readonly now: () => Date;
  readonly newId: () => string;
}
