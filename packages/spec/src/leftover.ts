import type { CallOptions } from "./store.js";

/**
 * Names the kinds of leftovers of killed processes:
 * - `staging`: files that were to enter a store, or temporary files of a command
 * - `lock`: the lock of an object
 * - `upload`: an upload in parts that was never completed
 * - `probe`: an object that tested a service
 * - `spill`: data that an engine spilled to disk
 * - `cache`: an unfinished file of the cache, or a link to one
 * - `output`: an unfinished output file
 */
export type LeftoverKind = "staging" | "lock" | "upload" | "probe" | "spill" | "cache" | "output";

/** A file, folder, or upload that a killed process left behind and that no running process uses. */
export interface Leftover {
  readonly kind: LeftoverKind;
  /** A path or a URL to show to people. Contains no secrets. */
  readonly location: string;
  /** The store key that an `upload` was for. If mlforge writes no such key, another program can have begun the upload. */
  readonly key?: string | undefined;
  /** Removes it. Also resolves if it no longer exists. */
  remove(options?: CallOptions): Promise<void>;
}
