import { createHash } from "node:crypto";
import { MlforgeError, type ObjectInfo, type Store } from "@mlforge/spec";
import { attempt } from "../log/attempt.js";
import type { Bytes } from "./byte-ranges.js";
import type { CachedFile } from "./cached-file.js";

/** A file that no engine reads where it is: an object of a store, in one certain state. */
export interface RemoteFile {
  /** What plans call it. */
  readonly url: string;
  readonly store: Store;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Letters and digits; the same id always means the same bytes. */
  readonly id: string;
  /** The etag that an object with these bytes has. Where it has another one, or this is unknown, `sha256` decides. */
  readonly etag: string | undefined;
  /** Lower-case hex, where it is known. */
  readonly sha256: string | undefined;
  /** The error to throw where the object is gone, or another one. */
  changed(reason: string, cause?: unknown): MlforgeError;
}

/** An object of the store is not in the state in which a file was known. */
export class OtherState extends Error {
  readonly found: Pick<ObjectInfo, "size" | "etag">;

  constructor(file: RemoteFile, found: Pick<ObjectInfo, "size" | "etag">) {
    super(`"${file.url}" has another etag, or another size, than it had`);
    this.found = found;
  }
}

/** Names a state of an object for the cache. */
export function stateId({ url, etag, versionId, size }: Pick<ObjectInfo, "etag" | "versionId" | "size"> & { url: string }): string {
  return createHash("sha256")
    .update([url, etag, versionId ?? "", size].join("\n"))
    .digest("hex");
}

/**
 * Fetches bytes of a file into the cache, again while the store is unavailable.
 *
 * @throws OtherState where the object has another size, or another etag than `etag`.
 */
export async function fetchBytes(
  file: RemoteFile,
  { start, end }: Bytes,
  into: CachedFile,
  { etag, signal }: { readonly etag: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  await attempt(async () => {
    await using result = await file.store.get(file.key, { range: { start, end }, signal });
    const { info } = result;
    if (info.size !== file.size || (etag !== undefined && info.etag !== etag)) throw new OtherState(file, info);
    let position = start;
    for await (const part of result.body) {
      await into.write(part, position);
      position += part.length;
    }
    if (position === end) return;
    const message = `"${file.url}" gave ${position - start} of ${end - start} bytes; try again`;
    throw new MlforgeError("STORE_UNAVAILABLE", message, { store: file.store.name, operation: "get" });
  }, signal);
}
