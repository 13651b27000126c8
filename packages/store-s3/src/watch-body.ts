import type { IncomingMessage } from "node:http";

/** A body that brings less than this within the time for an answer counts as silent. */
const leastBytes = 10_240;

/** The number of times that a body is looked at within the time for an answer. */
const looks = 10;

/**
 * Makes a body fail if it comes too slowly: if it brings less than 10 KiB within `patience` milliseconds. The time in which the reader does something else
 * does not count.
 *
 * Looks at the counters of the connection now and then. Passing each part through costs a download a quarter of its time.
 */
export function watchBody(
  body: IncomingMessage,
  { patience, onProgress, silence }: { readonly patience: number; readonly onProgress: () => void; readonly silence: () => Error },
): void {
  const { socket } = body;
  let [since, before] = [performance.now(), socket.bytesRead];
  const timer = setInterval(() => {
    const hasProgress = socket.bytesRead - before >= leastBytes;
    if (hasProgress) onProgress();
    // What was received and not read yet waits for the reader.
    if (hasProgress || body.complete || body.readableLength > 0) [since, before] = [performance.now(), socket.bytesRead];
    else if (performance.now() - since >= patience) body.destroy(silence());
  }, patience / looks);
  // The connection keeps the process alive.
  timer.unref();
  body.on("end", onProgress);
  body.on("close", () => clearInterval(timer));
  // The body can fail before anybody listens.
  body.on("error", () => {});
}
