import { Readable } from "node:stream";
import { type Doing, s3Error } from "./s3-error.js";
import { unavailable } from "./unknown-answer.js";

/** The expected size of a body. */
export interface BodyCheck {
  readonly doing: Doing;
  readonly signal: AbortSignal | undefined;
  /** The announced number of bytes. */
  readonly expected: number;
}

/** Streams the body of an answer. @throws STORE_UNAVAILABLE if it ends early or has another number of bytes than announced */
export async function* readBody(body: unknown, check: BodyCheck | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(body instanceof Readable)) return;
  let received = 0;
  try {
    for await (const part of body) {
      check?.signal?.throwIfAborted();
      received += part.length;
      yield part;
    }
    check?.signal?.throwIfAborted();
    if (check !== undefined && received !== check.expected) {
      throw await unavailable(check.doing, `ended after ${received} of ${check.expected} bytes`);
    }
  } catch (error) {
    check?.signal?.throwIfAborted();
    throw check === undefined ? error : await s3Error(error, check.doing);
  }
}
