import { constants, type Stats } from "node:fs";
import { copyFile, type FileHandle, lstat, open, rename } from "node:fs/promises";
import { MlforgeError, type ObjectInfo, type PutBody } from "@mlforge/spec";
import { unless } from "./errno.js";
import { storeName } from "./local-error.js";
import { describeFile } from "./object-file.js";

const chunkBytes = 1_048_576;
// Windows flushes only files that are open for writing. On other systems, read-only files can be stored too.
const syncFlags = process.platform === "win32" ? "r+" : "r";

/** Writes `body` to a new file at `path`, makes it durable, sets its time, and describes it as the object of `key`. */
export async function writeTemporaryFile(path: string, body: PutBody, key: string, signal: AbortSignal | undefined): Promise<ObjectInfo> {
  if (body instanceof Uint8Array) return writeBytes(path, body, key, signal);
  await takeFile(path, body.file, body.move === true);
  signal?.throwIfAborted();
  return finishTemporaryFile(path, key, { newTime: true });
}

/** Makes a file durable, sets its time to now if `newTime`, and describes it as the object of `key`. */
export async function finishTemporaryFile(path: string, key: string, { newTime }: { readonly newTime: boolean }): Promise<ObjectInfo> {
  const handle = await open(path, syncFlags);
  try {
    return await finish(handle, path, key, newTime);
  } finally {
    await handle.close();
  }
}

async function finish(handle: FileHandle, path: string, key: string, newTime: boolean): Promise<ObjectInfo> {
  if (newTime) {
    const now = (Date.now() + Math.random()) / 1_000;
    await handle.utimes(now, now);
  }
  await handle.sync();
  const described = await describeFile(handle, key);
  if (described !== undefined) return described.info;
  throw new MlforgeError("STORE_UNAVAILABLE", `the temporary file ${path} vanished; try again`, { store: storeName, operation: "put" });
}

async function writeBytes(path: string, bytes: Uint8Array, key: string, signal: AbortSignal | undefined): Promise<ObjectInfo> {
  const handle = await open(path, "wx+");
  try {
    for (let position = 0; position < bytes.length; ) {
      signal?.throwIfAborted();
      const { bytesWritten } = await handle.write(bytes, position, Math.min(chunkBytes, bytes.length - position), position);
      position += bytesWritten;
    }
    signal?.throwIfAborted();
    return await finish(handle, path, key, true);
  } finally {
    await handle.close();
  }
}

async function takeFile(path: string, file: string, move: boolean): Promise<void> {
  const stat = await lstat(file).catch((error: unknown) => {
    throw new TypeError(`the file to put, ${file}, cannot be read; give the path of an existing file`, { cause: error });
  });
  if (move && isOnlyName(stat) && (await moved(file, path))) return;
  await copyFile(file, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
}

/** Returns true if the file can be moved. A file with a second name could be changed through that name later, and a link is not a file. */
function isOnlyName(stat: Stats): boolean {
  return stat.isFile() && stat.nlink === 1;
}

/** Moves the file if possible. Returns false if it must be copied: it is on another volume, or its folder is read-only. */
async function moved(file: string, path: string): Promise<boolean> {
  return (
    (await unless(
      ["EXDEV", "EACCES", "EPERM"],
      rename(file, path).then(() => true),
    )) ?? false
  );
}
