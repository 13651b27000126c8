import type { ClientRequest, IncomingMessage } from "node:http";
import { onward } from "./onward.js";

/** Whether a request has a body with anything in it. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Sends the first half of the request's body to the target, or a byte if its length is not said, and breaks both connections there. */
export async function resetUpload(incoming: IncomingMessage, target: URL): Promise<void> {
  const upstream = onward(incoming, target);
  // It is broken off below; that it fails is what is wanted.
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

/** Resolves once the chunk was handed to the system, or cannot be any more. */
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
