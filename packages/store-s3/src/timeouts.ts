import type { S3ConnectionOptions } from "./s3-options.js";

/** How long a store waits, with defaults applied. All in milliseconds. */
export interface Timeouts {
  readonly connect: number;
  readonly answer: number;
  readonly copy: number;
  readonly retry: number;
}

export function timeoutsOf(options: S3ConnectionOptions): Timeouts {
  const { connectTimeout = 5_000, answerTimeout = 10_000, copyTimeout = 300_000, retryTimeout = 50_000 } = options;
  return { connect: connectTimeout, answer: answerTimeout, copy: copyTimeout, retry: retryTimeout };
}
