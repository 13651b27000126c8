import { lstat, mkdir, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type CallOptions,
  type CopyOptions,
  cutRange,
  type GetOptions,
  type GetResult,
  type Leftover,
  type ListEntry,
  type ListOptions,
  type ObjectInfo,
  type PermissionCheck,
  type PutBody,
  type PutOptions,
  type StagingFolder,
  type Store,
  type StoreCapabilities,
  type StoredObject,
} from "@mlforge/spec";
import { createOwnedFolder, newOwnerName } from "@mlforge/spec/ownership";
import { copyToTemporary } from "./copy-file.js";
import { diagnoseFolder, folderClock } from "./diagnose.js";
import { isErrno, unless } from "./errno.js";
import { foldersOf, segmentsOf } from "./file-name.js";
import { removeEmptyFolders, syncFolder } from "./folder.js";
import { lockKey } from "./key-lock.js";
import { type Doing, localError, missing, notFound, storeName } from "./local-error.js";
import { listedInfo, type ObjectFile, openObject } from "./object-file.js";
import {
  areThere,
  keepSpare,
  leftoversOf,
  makeOwnFolders,
  type OwnFolders,
  ownFoldersOf,
  removeLeftovers,
  withSpare,
} from "./own-folders.js";
import { publishIfAbsent } from "./publish.js";
import { readBytes, readFrom } from "./read-body.js";
import { checkPlace, existsAt, realPath } from "./real-path.js";
import { writeTemporaryFile } from "./temporary-file.js";
import { childrenOf, filesBelow } from "./walk.js";
import { writeObject } from "./write-object.js";

export interface LocalStoreOptions {
  /** The root folder: a path, relative to the working directory, or a file URL. */
  readonly path: string | URL;
}

/**
 * A store in a folder. Each object is a file named after its key.
 *
 * The first write creates the folder. Objects are written elsewhere, flushed to disk, and renamed or linked into place, so
 * readers never see part of an object, even after a crash. `ifMatch`, unconditional puts, and deletes of one key use a lock across processes, which a
 * killed process cannot keep. `ifAbsent` is one hard link and needs no lock. The store does not follow symbolic
 * links below its root. The folder `.mlforge` is private to it.
 *
 * @example
 * const store = new LocalStore("./feature_store");
 */
export class LocalStore implements Store {
  readonly specVersion = 1;
  readonly name: string = storeName;
  readonly capabilities: StoreCapabilities = { conditionalPut: "full", workingTree: true, readable: true };
  readonly #root: string;
  #own: Promise<OwnFolders> | undefined;
  #linked = false;

  constructor(options: string | URL | LocalStoreOptions) {
    const path = typeof options === "string" || options instanceof URL ? options : options.path;
    this.#root = resolve(path instanceof URL || path.startsWith("file:") ? fileURLToPath(path) : path);
  }

  async head(key: string, options: CallOptions = {}): Promise<ObjectInfo> {
    const file = await this.#open({ operation: "head", key, root: this.#root }, options.signal);
    await file.handle.close();
    return file.info;
  }

  async get(key: string, options: GetOptions = {}): Promise<GetResult> {
    const { signal } = options;
    const doing: Doing = { operation: "get", key, root: this.#root };
    const { handle, info, bytes } = await this.#open(doing, signal);
    try {
      const { start, end } = cutRange(options.range, info.size);
      const body = bytes === undefined ? readFrom(handle, { start, end }, doing, signal) : readBytes(bytes.subarray(start, end), signal);
      if (bytes !== undefined) await handle.close();
      return { info, body, [Symbol.asyncDispose]: () => handle.close() };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async put(key: string, body: PutBody, options: PutOptions = {}): Promise<StoredObject> {
    const doing: Doing = { operation: "put", key, root: this.#root };
    // A file that is moved cannot be put twice.
    const useReserve = options.useReserve === true && body instanceof Uint8Array;
    return this.#write(doing, { ...options, useReserve }, (temporary) => writeTemporaryFile(temporary, body, key, options.signal));
  }

  /**
   * Makes the target a hard link of the source, which takes no space. Copies the bytes, by reflink if possible, if the file system refuses the link.
   *
   * The store never writes into a file once it is in place. Other programs must replace files too: a program that writes into a linked file changes
   * both objects.
   */
  async copy(from: string, to: string, options: CopyOptions = {}): Promise<StoredObject> {
    const { signal, sourceEtag } = options;
    const doing: Doing = { operation: "copy", key: to, root: this.#root };
    const source: Doing = { ...doing, key: from };
    return this.#write(doing, options, async (temporary, root) => {
      const path = join(root, ...segmentsOf(from));
      const open = (): Promise<ObjectFile> => this.#open(source, signal);
      const info = await copyToTemporary({ path, doing: source, etag: sourceEtag, open }, temporary, to, signal);
      signal?.throwIfAborted();
      return info;
    });
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    const { signal } = options;
    const doing: Doing = { operation: "delete", key, root: this.#root };
    await translated(doing, async () => {
      signal?.throwIfAborted();
      const segments = segmentsOf(key);
      const root = await realPath(this.#root);
      if (root === undefined) return;
      const path = join(root, ...segments);
      await checkPlace(path, root, doing);
      if ((await unless(missing, lstat(path)))?.isFile() !== true) return;
      await this.#withOwnFolders(async (folders) => {
        await using lock = await withSpare(folders, () => lockKey(folders, doing, signal));
        lock.checkHeld();
        await unless(missing, unlink(path));
      });
      await unless(missing, syncFolder(dirname(path)));
      await removeEmptyFolders(dirname(path), root);
    });
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ListEntry, void, undefined> {
    const { signal } = options;
    const doing: Doing = { operation: "list", key: prefix, root: this.#root };
    try {
      signal?.throwIfAborted();
      const segments = foldersOf(prefix);
      const root = await realPath(this.#root);
      if (root === undefined) return;
      const folder = join(root, ...segments);
      if (!(await existsAt(folder, doing))) return;
      const found = options.depth === "children" ? await childrenOf(folder, prefix) : filesBelow(folder, prefix);
      for await (const child of found) {
        signal?.throwIfAborted();
        if (child.kind === "folder") {
          for await (const _ of filesBelow(child.path, child.key)) {
            yield { kind: "prefix", prefix: child.key };
            break;
          }
        } else {
          const info = await listedInfo(child.path, child.key);
          if (info !== undefined) yield { kind: "object", info };
        }
      }
    } catch (error) {
      throw localError(error, { ...doing, key: this.#keyOf(error) ?? prefix });
    }
  }

  /** Returns the key of the folder that a system error concerns. */
  #keyOf(error: unknown): string | undefined {
    const path = isErrno(error) ? error.path : undefined;
    const key = path === undefined ? "" : relative(this.#root, path);
    return key === "" || key.startsWith("..") ? undefined : key.replaceAll(sep, "/");
  }

  /** Returns a file URL. */
  locate(key: string): string {
    return pathToFileURL(join(this.#root, ...segmentsOf(key))).href;
  }

  /** Tries to create a hard link. Remembers that it succeeded. */
  async checkConditionalPut({ signal }: CallOptions = {}): Promise<void> {
    const doing: Doing = { operation: "put", key: "", root: this.#root };
    await translated(doing, async () => {
      signal?.throwIfAborted();
      if (this.#linked) return;
      await this.#withOwnFolders(async ({ temporary }) => {
        const [file, copy] = [join(temporary, await newOwnerName()), join(temporary, await newOwnerName())];
        try {
          await writeFile(file, "");
          await publishIfAbsent(file, copy, doing);
          this.#linked = true;
        } finally {
          await Promise.all([rm(file, { force: true }), rm(copy, { force: true })]);
        }
      });
    });
  }

  /** Tries to write, create, read, and delete a file. Leaves nothing behind. */
  async diagnose({ signal }: CallOptions = {}): Promise<readonly PermissionCheck[]> {
    signal?.throwIfAborted();
    const checks = await diagnoseFolder(this.#root);
    signal?.throwIfAborted();
    return checks;
  }

  /** Returns the time of the file system. For a network folder, that is the time of another machine. */
  async clock({ signal }: CallOptions = {}): Promise<Date> {
    signal?.throwIfAborted();
    return translated({ operation: "stage", key: "", root: this.#root }, () =>
      withSpare(ownFoldersOf(this.#root), () => folderClock(this.#root)),
    );
  }

  /** Creates a folder below the root, which is therefore on the same volume. */
  async stage(): Promise<StagingFolder> {
    return translated({ operation: "stage", key: "", root: this.#root }, async () => {
      const owned = await this.#withOwnFolders(async (folders) => {
        await removeLeftovers(folders);
        return createOwnedFolder(folders.staging, "", "keep");
      });
      // The owned folder has a socket, and a staging folder is empty.
      const path = join(owned.path, "files");
      await mkdir(path);
      return { path, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
    });
  }

  /** Finds the staging folders, temporary files, and locks of ended processes in the store's own folder. */
  async leftovers({ signal }: CallOptions = {}): Promise<readonly Leftover[]> {
    signal?.throwIfAborted();
    return translated({ operation: "list", key: "", root: this.#root }, () => leftoversOf(ownFoldersOf(this.#root)));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Publishes the file that `make` creates as the object `doing.key`. */
  async #write(doing: Doing, options: PutOptions, make: (temporary: string, root: string) => Promise<ObjectInfo>): Promise<StoredObject> {
    return translated(doing, async () => {
      options.signal?.throwIfAborted();
      const segments = segmentsOf(doing.key);
      return this.#withOwnFolders(async (folders) => {
        const root = (await realPath(this.#root)) ?? this.#root;
        const path = join(root, ...segments);
        await checkPlace(path, root, doing);
        const write = (): Promise<ObjectInfo> => writeObject(path, (temporary) => make(temporary, root), options, folders, doing);
        return options.useReserve === true ? withSpare(folders, write) : write();
      });
    });
  }

  async #open(doing: Doing, signal: AbortSignal | undefined): Promise<ObjectFile> {
    return translated(doing, async () => {
      signal?.throwIfAborted();
      const segments = segmentsOf(doing.key);
      const root = await realPath(this.#root);
      const path = root === undefined ? undefined : join(root, ...segments);
      const file = path !== undefined && (await existsAt(path, doing)) ? await openObject(path, doing.key) : undefined;
      if (file === undefined) throw notFound(doing);
      return file;
    });
  }

  /** Works with the private folders. Creates them at the first write, and works a second time if they have vanished since. */
  async #withOwnFolders<T>(work: (folders: OwnFolders) => Promise<T>): Promise<T> {
    const known = this.#own;
    if (known !== undefined) {
      const folders = await known;
      try {
        return await work(folders);
      } catch (error) {
        if (!isErrno(error, "ENOENT") || (await areThere(folders))) throw error;
      }
    }
    return work(await this.#makeOwnFolders(known));
  }

  /** Creates the private folders, once for all writes that found the same state. */
  #makeOwnFolders(found: Promise<OwnFolders> | undefined): Promise<OwnFolders> {
    if (this.#own !== undefined && this.#own !== found) return this.#own;
    const made = (async () => {
      const folders = await makeOwnFolders(this.#root);
      await removeLeftovers(folders);
      await keepSpare(folders);
      return folders;
    })();
    this.#own = made;
    made.catch(() => {
      if (this.#own === made) this.#own = undefined;
    });
    return made;
  }
}

async function translated<T>(doing: Doing, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw localError(error, doing);
  }
}
