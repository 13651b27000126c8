import type { FileHandle } from "node:fs/promises";
import { MlforgeError } from "@mlforge/spec";
import { type Doing, localError, storeName } from "./local-error.js";

const chunkBytes = 262_144;

/** Streams the bytes from `start` up to `end`. Always closes the handle. */
export async function* readFrom(
  handle: FileHandle,
  range: { readonly start: number; readonly end: number },
  doing: Doing,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let position = range.start; position < range.end; ) {
      signal?.throwIfAborted();
      const chunk = new Uint8Array(Math.min(chunkBytes, range.end - position));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) {
        const message = `${JSON.stringify(doing.key)} in ${doing.root} became shorter while it was read; another program writes to the file`;
        throw new MlforgeError("STORE_UNAVAILABLE", message, { store: storeName, operation: doing.operation });
      }
      position += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } catch (error) {
    throw localError(error, doing);
  } finally {
    await handle.close();
  }
}

/** Streams bytes that have already been read. */
export async function* readBytes(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  if (bytes.length > 0) yield bytes;
}
