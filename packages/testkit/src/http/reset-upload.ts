import type { ClientRequest, IncomingMessage } from "node:http";
import { onward } from "./onward.js";

/** Returns true if a request has a body that is not empty. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Sends the first half of the request's body to the target, or one byte if its length is unknown, and then breaks both connections. */
export async function resetUpload(incoming: IncomingMessage, target: URL): Promise<void> {
  const upstream = onward(incoming, target);
  // It is broken below. Its failure is intended.
  upstream.on("error", () => undefined);
  upstream.flushHeaders();
  let left = Math.floor(Number(incoming.headers["content-length"] ?? 2) / 2);
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const part: Buffer = chunk.subarray(0, left);
    if (part.length > 0) await written(upstream, part);
    left -= part.length;
    if (part.length < chunk.length) break;
  }
  upstream.destroy();
  incoming.socket.resetAndDestroy();
}

/** Resolves once the chunk was passed to the system, or can no longer be. */
async function written(stream: ClientRequest, chunk: Buffer): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    // A request that never got a connection does not call back.
    stream.once("close", resolve);
    stream.write(chunk, () => {
      stream.off("close", resolve);
      resolve();
    });
  });
}
