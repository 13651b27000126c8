/**
 * A place for bytes under string keys: a folder, a bucket, memory.
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

  /** @throws STORE_NOT_FOUND */
  head(key: string, options?: CallOptions): Promise<ObjectInfo>;

  /**
   * The bytes of an object, or a range of them, as a stream. Dispose of the result, or read its body to the end.
   *
   * @throws STORE_NOT_FOUND
   */
  get(key: string, options?: GetOptions): Promise<GetResult>;

  /**
   * Creates or replaces an object.
   *
   * `ifAbsent` fails with STORE_CONFLICT if the key exists. `ifMatch` fails with STORE_CONFLICT unless the key exists with that etag.
   *
   * @throws CAPABILITY_MISSING for a condition the store does not offer.
   */
  put(key: string, body: PutBody, options?: PutOptions): Promise<StoredObject>;

  /** Removes an object. Removing a missing one resolves. */
  delete(key: string, options?: CallOptions): Promise<void>;

  /**
   * What lies under a prefix, in ascending order of the keys' UTF-8 bytes.
   *
   * `prefix` is empty or ends with `/`: `a/` does not list `ab/c`. With depth `children`, everything below the next `/` is one
   * `prefix` entry. Breaking out of the loop releases everything.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListEntry>;

  /** Where an object is, as a URL for engines and people. The object need not exist. Carries no secret. */
  locate(key: string): string;

  /** What else the same service holds, reached with the same configuration. Absent: nothing but this store. */
  readonly remote?: Remote | undefined;

  /** Tries what the present credentials may do here, and leaves nothing behind. Absent: there is nothing to try. */
  diagnose?(options?: CallOptions): Promise<readonly PermissionCheck[]>;

  /**
   * What time it is by the clock that stamps the objects here, to a second or so. Leaves nothing behind. Absent: the store cannot tell.
   *
   * @throws STORE_ACCESS_DENIED where telling it takes a permission that is missing
   */
  clock?(options?: CallOptions): Promise<Date>;

  /**
   * A new, empty local folder from which `put({ file, move: true })` costs nothing. Disposing of it deletes it, and a later
   * call removes what killed processes left. Absent: the caller uses the system's temporary folder.
   */
  stage?(): Promise<StagingFolder>;
}

/** What a store declares of itself. The conformance suite believes this and nothing else. */
export interface StoreCapabilities {
  /** `full`: `ifAbsent` and `ifMatch` are atomic among all processes. `none`: conditions are refused with CAPABILITY_MISSING. */
  readonly conditionalPut: "full" | "none";
  /** Whether the objects are files that Git may see, so that each feature folder wants a `.gitignore`. */
  readonly workingTree: boolean;
  /** Whether objects may be read. If not, `head` and `get` are refused with CAPABILITY_MISSING, and builds must be told their version. */
  readonly readable: boolean;
}

/**
 * Opens what the URLs of its schemes name: how sources, labels and results outside of the offline store are reached.
 *
 * Disposing of it disposes of the stores it gave.
 */
export interface Remote extends AsyncDisposable {
  /** In lower case, without the colon: `s3`. */
  readonly schemes: readonly string[];
  /**
   * The store that holds what a URL names, and its key there. The key may be a pattern or a prefix; it is cut from the URL as it stands.
   *
   * @throws USAGE_INVALID if the URL names nothing.
   */
  open(url: string): { readonly store: Store; readonly key: string };
}

/** Whether the present credentials may do something, as a store found by trying. */
export interface PermissionCheck {
  /** In the words of the service: `s3:GetObject`. */
  readonly action: string;
  /** `unknown` where it could not be told apart from something else, which `message` says. */
  readonly outcome: "allowed" | "denied" | "unknown";
  /** The jobs that need it. */
  readonly neededFor: readonly ("build" | "training" | "serving")[];
  /** What was tried and seen, for people. */
  readonly message: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a put has stored. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** An opaque token of this state of the object; a changed object has another one. */
  readonly etag: string;
}

export interface ObjectInfo extends StoredObject {
  /** By the store's own clock. */
  readonly modifiedAt: Date;
  /** The store's own name of this state of the object, where it keeps older ones and told: a `list` need not. */
  readonly versionId?: string | undefined;
}

/** Bytes `start` up to and without `end`, or the last `suffix` bytes. A range is cut at the object's end; an empty range gives no bytes. */
export type ByteRange = { readonly start: number; readonly end?: number | undefined } | { readonly suffix: number };

export interface GetOptions extends CallOptions {
  readonly range?: ByteRange | undefined;
}

export interface GetResult extends AsyncDisposable {
  /** Of the whole object, whatever the range. */
  readonly info: ObjectInfo;
  /** Can be read once. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * What to store. The caller must not change the bytes or the file until the put settles.
 *
 * With `move` the store may take the file away instead of copying it; the file may be gone afterwards, whatever the outcome.
 */
export type PutBody = Uint8Array | { readonly file: string; readonly move?: boolean | undefined };

export type PutCondition = { readonly kind: "ifAbsent" } | { readonly kind: "ifMatch"; readonly etag: string };

export interface PutOptions extends CallOptions {
  readonly condition?: PutCondition | undefined;
}

export interface ListOptions extends CallOptions {
  /** `deep` unless told. */
  readonly depth?: "deep" | "children" | undefined;
}

export type ListEntry = { readonly kind: "object"; readonly info: ObjectInfo } | { readonly kind: "prefix"; readonly prefix: string };

export interface StagingFolder extends AsyncDisposable {
  /** An absolute path. */
  readonly path: string;
}
