import type { CallOptions } from "./store.js";

/**
 * Names the kinds of leftovers of killed processes:
 * - `staging`: files on their way into a store, or temporary files of a command
 * - `lock`: the lock of an object
 * - `upload`: an upload in parts that was never completed
 * - `probe`: an object that tested a service
 * - `spill`: data that an engine spilled to disk
 * - `cache`: an unfinished file of the cache, or a link to one
 * - `output`: an unfinished output file
 */
export type LeftoverKind = "staging" | "lock" | "upload" | "probe" | "spill" | "cache" | "output";

/** Something that a process left behind when it was killed. No living process uses it. */
export interface Leftover {
  readonly kind: LeftoverKind;
  /** A path or a URL, for people. Contains no secret. */
  readonly location: string;
  /** The key of the store that an `upload` was for. Another program can have begun it if mlforge has no such key. */
  readonly key?: string | undefined;
  /** Resolves if it is gone already. */
  remove(options?: CallOptions): Promise<void>;
}
