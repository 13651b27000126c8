import type { Leftover } from "./leftover.js";

/**
 * Keeps bytes under string keys, in a folder, a bucket, or memory.
 *
 * A store moves bytes and knows nothing of features. Its laws are the names of the tests in `@mlforge/testkit/store`:
 * - A put is atomic: a reader sees the old object, the new one, or none; never part of one.
 * - After a put resolves, every later `get`, `head` and `list`, from any process, sees it.
 * - Of racing conditional puts on one state of a key, exactly one wins; the others fail with STORE_CONFLICT.
 * - A put that rejects with anything but STORE_UNAVAILABLE or an abort has not happened.
 *
 * Keys are `/`-separated segments of Unicode text, none of them empty, `.` or `..`, without NUL or backslash, at most 1,024 bytes in
 * UTF-8; other keys are refused with STORE_KEY_INVALID.
 *
 * Every call rejects with `signal.reason` when its signal is aborted; an aborted write may or may not have happened.
 */
export interface Store extends AsyncDisposable {
  readonly specVersion: 1;
  /** Short, for messages: `local`, `s3`. */
  readonly name: string;
  readonly capabilities: StoreCapabilities;

  /** Returns the size, etag, and time of an object. @throws STORE_NOT_FOUND */
  head(key: string, options?: CallOptions): Promise<ObjectInfo>;

  /**
   * Streams the bytes of an object, or a range of them. Dispose of the result, or read its body to the end.
   *
   * @throws STORE_NOT_FOUND
   */
  get(key: string, options?: GetOptions): Promise<GetResult>;

  /**
   * Creates or replaces an object.
   *
   * `ifAbsent` fails with STORE_CONFLICT if the key exists. `ifMatch` fails with STORE_CONFLICT unless the key exists with that etag.
   *
   * @throws CAPABILITY_MISSING for a condition that the store does not support.
   */
  put(key: string, body: PutBody, options?: PutOptions): Promise<StoredObject>;

  /**
   * Copies an object to another key of this store, without its bytes passing through the caller. Absent if the store cannot copy; the
   * caller then reads the object and puts it.
   *
   * The laws of `put` hold for the target. The copy has the bytes of one state of the source and is an object of its own: a put or delete
   * of one does not change the other. A copy onto itself leaves the object as it is. The copy can keep the `modifiedAt` of the source.
   *
   * @throws STORE_NOT_FOUND if the source does not exist. STORE_CONFLICT if a condition does not hold, or if the source changes during the
   * copy. CAPABILITY_MISSING for a condition that the store does not support in a copy, or if the store is not readable.
   */
  copy?(from: string, to: string, options?: CopyOptions): Promise<StoredObject>;

  /** Removes an object. Resolves if it does not exist. */
  delete(key: string, options?: CallOptions): Promise<void>;

  /**
   * Lists the objects under a prefix, in ascending order of the keys' UTF-8 bytes.
   *
   * `prefix` is empty or ends with `/`: `a/` does not list `ab/c`. With depth `children`, everything below the next `/` is one
   * `prefix` entry. Breaking out of the loop releases everything.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListEntry>;

  /** Returns the URL of an object, for engines and people. The object need not exist. The URL contains no secret. */
  locate(key: string): string;

  /** Opens other objects of the same service with the same configuration. Absent if there are none. */
  readonly remote?: Remote | undefined;

  /**
   * Tests that a conditional put can succeed here, before work that ends in one. Leaves nothing behind. Absent if there is nothing to test.
   *
   * @throws CAPABILITY_MISSING, STORE_ACCESS_DENIED
   */
  checkConditionalPut?(options?: CallOptions): Promise<void>;

  /** Tests what the credentials allow, and leaves nothing behind. Absent if there is nothing to test. */
  diagnose?(options?: CallOptions): Promise<readonly PermissionCheck[]>;

  /**
   * Returns the time of the clock that stamps the objects, to about a second. Leaves nothing behind. Absent if the store cannot tell.
   *
   * @throws STORE_ACCESS_DENIED if this needs a permission that is missing
   */
  clock?(options?: CallOptions): Promise<Date>;

  /**
   * Creates an empty local folder from which `put({ file, move: true })` costs nothing. Disposing of it deletes it, and a later
   * call removes the leftovers of killed processes. If absent, the caller uses the system's temporary folder.
   */
  stage?(): Promise<StagingFolder>;

  /**
   * Finds leftovers of ended processes that `list` does not return: temporary files, locks, and uploads in parts. Changes nothing. Never returns anything
   * that a running process uses. For processes that this machine cannot see, returns only what has shown no sign of life for a day, by the clock of the
   * store. Absent if the store can have no leftovers.
   */
  leftovers?(options?: CallOptions): Promise<readonly Leftover[]>;
}

/** The capabilities of a store. The conformance suite decides by them which tests to run. */
export interface StoreCapabilities {
  /** `full`: `ifAbsent` and `ifMatch` are atomic across processes. `none`: the store refuses conditions with CAPABILITY_MISSING. */
  readonly conditionalPut: "full" | "none";
  /** True if the objects are files that Git can see. Each feature folder then gets a `.gitignore`. */
  readonly workingTree: boolean;
  /** False if the credentials cannot read. `head` and `get` then fail with CAPABILITY_MISSING, and builds need an explicit version. */
  readonly readable: boolean;
}

/**
 * Opens URLs of its schemes, for sources, labels, and results outside the offline store.
 *
 * Disposing of it disposes of the stores it opened.
 */
export interface Remote extends AsyncDisposable {
  /** In lower case, without the colon: `s3`. */
  readonly schemes: readonly string[];
  /**
   * Returns the store and the key that a URL names. The key can be a pattern or a prefix: it is taken from the URL unchanged.
   *
   * @throws USAGE_INVALID if the URL is not valid.
   */
  open(url: string): { readonly store: Store; readonly key: string };
}

/** The result of testing one permission. */
export interface PermissionCheck {
  /** In the words of the service: `s3:GetObject`. */
  readonly action: string;
  /** `unknown` if the test was inconclusive. `message` says why. */
  readonly outcome: "allowed" | "denied" | "unknown";
  /** The jobs that need it. */
  readonly neededFor: readonly ("build" | "training" | "serving")[];
  /** Says what was tried and what happened, for people. */
  readonly message: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The stored object, as returned by a put. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** An opaque token for this state of the object. A changed object has a different one. */
  readonly etag: string;
}

export interface ObjectInfo extends StoredObject {
  /** By the clock of the store. */
  readonly modifiedAt: Date;
  /** The version id of this state of the object, if the store keeps older ones and reports it. `list` need not. */
  readonly versionId?: string | undefined;
}

/** Bytes from `start` up to, but not including, `end`, or the last `suffix` bytes. A range is cut at the object's end. An empty range gives no bytes. */
export type ByteRange = { readonly start: number; readonly end?: number | undefined } | { readonly suffix: number };

export interface GetOptions extends CallOptions {
  readonly range?: ByteRange | undefined;
}

export interface GetResult extends AsyncDisposable {
  /** Describes the whole object, even for a range. */
  readonly info: ObjectInfo;
  /** Can be read once. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The bytes or the file to store. Do not change them until the put settles.
 *
 * With `move`, the store may move the file instead of copying it. The file may be gone afterwards, even if the put fails.
 */
export type PutBody = Uint8Array | { readonly file: string; readonly move?: boolean | undefined };

export type PutCondition = { readonly kind: "ifAbsent" } | { readonly kind: "ifMatch"; readonly etag: string };

export interface PutOptions extends CallOptions {
  readonly condition?: PutCondition | undefined;
  /**
   * If true, the put may use the space that the store keeps free for it, so that a full store can be pruned. Only for small objects after which
   * larger ones are deleted. A store without such space ignores it. Defaults to false.
   */
  readonly useReserve?: boolean | undefined;
}

export interface CopyOptions extends CallOptions {
  /** The condition on the target. */
  readonly condition?: (PutCondition & { readonly kind: "ifAbsent" }) | undefined;
  /** The etag that the source must have. Fails with STORE_CONFLICT if it has another. Defaults to any. */
  readonly sourceEtag?: string | undefined;
}

export interface ListOptions extends CallOptions {
  /** Defaults to `deep`. */
  readonly depth?: "deep" | "children" | undefined;
}

export type ListEntry = { readonly kind: "object"; readonly info: ObjectInfo } | { readonly kind: "prefix"; readonly prefix: string };

export interface StagingFolder extends AsyncDisposable {
  /** An absolute path. */
  readonly path: string;
}
