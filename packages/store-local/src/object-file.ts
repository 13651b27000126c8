import { createHash } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { MlforgeError, type ObjectInfo } from "@mlforge/spec";
import { isErrno, unless } from "./errno.js";
import { storeName } from "./local-error.js";

/** The size, in bytes, up to which an object is read at once and its etag is a hash of its bytes. */
const smallBytes = 65_536;

/** An open object, with its `bytes` if it is small. Info and bytes come from one handle, so they describe the same state. */
export interface ObjectFile {
  readonly handle: FileHandle;
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array | undefined;
}

/** Returns the info of an object for a list. Its etag means nothing if this user cannot read it. */
export async function listedInfo(path: string, key: string): Promise<ObjectInfo | undefined> {
  try {
    const file = await openObject(path, key);
    await file?.handle.close();
    return file?.info;
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EIO")) throw error;
    const stat = await unless(["ENOENT", "ENOTDIR"], lstat(path, { bigint: true }));
    if (stat?.isFile() !== true) return undefined;
    return { key, size: Number(stat.size), modifiedAt: stat.mtime, etag: etagOf(stat) };
  }
}

/** Without O_NONBLOCK, opening a FIFO waits for a writer. Windows has neither. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Opens an object. Returns undefined if the file does not exist. @throws STORE_ACCESS_DENIED for a FIFO, a socket, or a device */
export async function openObject(path: string, key: string): Promise<ObjectFile | undefined> {
  const handle = await unless(["ENOENT", "ENOTDIR", "EISDIR"], open(path, openFlags)).catch((error: unknown) => {
    throw isErrno(error, "ENXIO", "ENODEV") ? notRegular(path, key) : error;
  });
  if (handle === undefined) return undefined;
  try {
    const described = await describeFile(handle, key);
    if (described !== undefined) return { handle, ...described };
    if (!(await handle.stat()).isDirectory()) throw notRegular(path, key);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

function notRegular(path: string, key: string): MlforgeError {
  const message = `${path} is not a regular file, but a FIFO, a socket, or a device; remove it, or restore the file`;
  return new MlforgeError("STORE_ACCESS_DENIED", message, { store: storeName, operation: "get", key });
}

/**
 * Returns the info of an open file, or undefined if it is not a regular file.
 *
 * The etag of a large file consists of its inode, size, and modification time, because hashing gigabytes is slow. They
 * distinguish all its states: consecutive states exist at the same time, so their inodes differ. `put` adds a random
 * fraction of a millisecond to the time, in case an inode number is used again.
 */
export async function describeFile(
  handle: FileHandle,
  key: string,
): Promise<{ readonly info: ObjectInfo; readonly bytes: Uint8Array | undefined } | undefined> {
  const stat = await handle.stat({ bigint: true });
  if (!stat.isFile()) return undefined;
  const info = { key, size: Number(stat.size), modifiedAt: stat.mtime };
  if (info.size > smallBytes) return { info: { ...info, etag: etagOf(stat) }, bytes: undefined };
  const bytes = await readExactly(handle, info.size);
  return { info: { ...info, etag: createHash("sha256").update(bytes).digest("hex") }, bytes };
}

function etagOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}-${size}-${mtimeNs}`;
}

async function readExactly(handle: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let position = 0; position < size; ) {
    const { bytesRead } = await handle.read(bytes, position, size - position, position);
    if (bytesRead === 0) return bytes.subarray(0, position);
    position += bytesRead;
  }
  return bytes;
}
