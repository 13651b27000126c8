import type { Engine, Format, Store } from "@mlforge/spec";
import type { FileCache } from "./file-cache.js";
import type { RemoteFiles } from "./remote-files.js";
import type { Remotes } from "./remotes.js";

/** What a build works with. */
export interface BuildContext {
  readonly store: Store;
  readonly engine?: Engine | undefined;
  readonly format?: Format | undefined;
  /** What lies outside of this machine. */
  readonly remotes: Remotes;
  /** The files out there that plans may name; `engine` reads them through it. */
  readonly files: RemoteFiles;
  /** The engine without what lets it read files that lie elsewhere: for files that are made here. */
  readonly localEngine?: Engine | undefined;
  readonly cache: FileCache;
  /** Who builds, for claims and histories. */
  readonly by: string;
  readonly now: () => Date;
  readonly newId: () => string;
}
