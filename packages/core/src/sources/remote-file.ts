import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { MlforgeError, type ObjectInfo, type Store } from "@mlforge/spec";
import { attempt } from "../log/attempt.js";
import type { Bytes } from "./byte-ranges.js";
import type { CachedFile } from "./cached-file.js";
import type { Piece } from "./cached-pieces.js";

/** A remote file that no engine reads in place: one state of an object in a store. */
export interface RemoteFile {
  /** The URL that plans use. */
  readonly url: string;
  readonly store: Store;
  readonly key: string;
  /** Size in bytes. */
  readonly size: number;
  /** Letters and digits. The same id always means the same bytes. */
  readonly id: string;
  /** The etag of an object with these bytes. If the object has another etag, or if this is undefined, `sha256` decides. */
  readonly etag: string | undefined;
  /** In lowercase hex. Undefined if it is unknown. */
  readonly sha256: string | undefined;
  /** Returns the error to throw if the object is missing or has changed. */
  changed(reason: string, cause?: unknown): MlforgeError;
}

/** Thrown if an object of a store is not in the expected state. */
export class OtherState extends Error {
  readonly found: Pick<ObjectInfo, "size" | "etag">;

  constructor(file: RemoteFile, found: Pick<ObjectInfo, "size" | "etag">) {
    super(`"${file.url}" has another etag or size than before`);
    this.found = found;
  }
}

/** Returns the cache id of a state of an object. */
export function stateId({ url, etag, versionId, size }: Pick<ObjectInfo, "etag" | "versionId" | "size"> & { url: string }): string {
  return createHash("sha256")
    .update([url, etag, versionId ?? "", size].join("\n"))
    .digest("hex");
}

/**
 * Fetches bytes of a file into the cache. Retries while the store is unavailable.
 *
 * @throws OtherState if the object has another size, or another etag than `etag`
 */
export async function fetchBytes(
  file: RemoteFile,
  { start, end }: Bytes,
  into: CachedFile,
  { etag, signal }: { readonly etag: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Piece> {
  return attempt(async () => {
    await using result = await file.store.get(file.key, { range: { start, end }, signal });
    const { info } = result;
    if (info.size !== file.size || (etag !== undefined && info.etag !== etag)) throw new OtherState(file, info);
    let [position, crc] = [start, 0];
    for await (const part of result.body) {
      crc = crc32(part, crc);
      await into.write(part, position);
      position += part.length;
    }
    if (position === end) return { start, end, crc32: crc };
    const message = `"${file.url}" returned ${position - start} of ${end - start} bytes; try again`;
    throw new MlforgeError("STORE_UNAVAILABLE", message, { store: file.store.name, operation: "get" });
  }, signal);
}
