import type { Readable } from "node:stream";

/** A body that brings less than this within the time for an answer counts as silent. */
const leastBytes = 10_240;

/**
 * Passes on the bytes of an answer, and fails if they come too slowly: after the first `patience` milliseconds, or between any two pieces of at least 10 KiB.
 * The time in which the reader does something else does not count.
 */
export async function* steadyBody(
  body: Readable,
  { patience, onProgress, silence }: { readonly patience: number; readonly onProgress: () => void; readonly silence: () => Error },
): AsyncGenerator<Uint8Array, void, undefined> {
  const parts = body[Symbol.asyncIterator]();
  let [waited, received] = [0, 0];
  try {
    for (;;) {
      const since = performance.now();
      const timer = setTimeout(() => body.destroy(silence()), patience - waited);
      const part = await parts.next().finally(() => clearTimeout(timer));
      if (part.done === true) break;
      waited += performance.now() - since;
      received += part.value.length;
      if (received >= leastBytes) {
        onProgress();
        [waited, received] = [0, 0];
      }
      yield part.value;
    }
    onProgress();
  } finally {
    body.destroy();
  }
}

/** The size of the pieces in which a body is sent. Each shows that the service still takes bytes. */
const pieceBytes = 16_384;

/** Yields a body in pieces, and calls `onPiece` for each: when the connection has room for it. Then calls it once more, at the end. */
export async function* inPieces(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  onPiece: (isLast: boolean) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of body instanceof Uint8Array ? [body] : body) {
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      onPiece(false);
      yield bytes.subarray(start, start + pieceBytes);
    }
  }
  onPiece(true);
}
