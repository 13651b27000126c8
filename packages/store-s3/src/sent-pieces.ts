/** The size of the pieces in which a body is sent. Each shows that the service still takes bytes. */
const pieceBytes = 65_536;
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
