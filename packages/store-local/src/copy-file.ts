import { link } from "node:fs/promises";
import type { ObjectInfo } from "@mlforge/spec";
import { unless } from "./errno.js";
import { conflict, type Doing } from "./local-error.js";
import type { ObjectFile } from "./object-file.js";
import { noHardLinks } from "./publish.js";
import { finishTemporaryFile, writeTemporaryFile } from "./temporary-file.js";

/** The largest number of names of one file. NTFS allows 1,024 and ext4 65,000, and publishing a link needs another one for a moment. */
const maxNames = 1_000;

export interface CopySource {
  readonly path: string;
  readonly doing: Doing;
  /** The etag that the source must have. Undefined if any will do. */
  readonly etag: string | undefined;
  /** Opens the source. @throws STORE_NOT_FOUND */
  open(): Promise<ObjectFile>;
}

/**
 * Makes `temporary` a second name of the source, and describes it as the object of `key`. If the file system refuses the link, or the file has many names
 * already, copies the bytes, by reflink if possible.
 *
 * The store never writes into a published file, so neither name can change the other's bytes. The time of the file stays as it is, because the
 * etag of the source contains it.
 *
 * @throws STORE_NOT_FOUND, STORE_CONFLICT if the source has another etag or changes
 */
export async function copyToTemporary(
  source: CopySource,
  temporary: string,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo> {
  const { info, bytes, names } = await describe(source);
  expectEtag(source, info);
  try {
    if (names < maxNames && (await linked(source.path, temporary))) {
      const made = await finishTemporaryFile(temporary, key, { newTime: false });
      expectEtag(source, made);
      return made;
    }
    const made = await writeTemporaryFile(temporary, bytes ?? { file: source.path }, key, signal);
    const state = { ...source, etag: info.etag };
    if (bytes === undefined) expectEtag(state, (await describe(source)).info);
    return made;
  } catch (error) {
    signal?.throwIfAborted();
    // Throws STORE_NOT_FOUND if the source was deleted.
    await describe(source);
    throw error;
  }
}

/** Returns true if the link was made, and false if the file system does not support it or does not allow it for this file. */
async function linked(path: string, temporary: string): Promise<boolean> {
  return (
    (await unless(
      [...noHardLinks, "EXDEV", "EACCES"],
      link(path, temporary).then(() => true),
    )) ?? false
  );
}

async function describe(source: CopySource): Promise<Pick<ObjectFile, "info" | "bytes"> & { readonly names: number }> {
  const { handle, info, bytes } = await source.open();
  try {
    return { info, bytes, names: (await handle.stat()).nlink };
  } finally {
    await handle.close();
  }
}

function expectEtag({ doing, etag }: CopySource, info: ObjectInfo): void {
  if (etag !== undefined && info.etag !== etag) throw conflict(doing, `has another etag than ${etag}`);
}
