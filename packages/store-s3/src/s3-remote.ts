import type { S3Client } from "@aws-sdk/client-s3";
import { Buckets } from "./buckets.js";
import { checkRemoteOptions } from "./check-options.js";
import { connect } from "./connect.js";
import type { S3RemoteOptions } from "./s3-options.js";
import { S3Store } from "./s3-store.js";

/**
 * Opens any bucket that one client reaches, as `s3://bucket/key`, for projects whose own store is elsewhere.
 *
 * Disposing of it closes its connections, except those of a given `client`.
 *
 * @throws USAGE_INVALID, which names the invalid option
 */
export class S3Remote extends Buckets {
  readonly #ownClient: S3Client | undefined;

  constructor(options: S3RemoteOptions = {}) {
    checkRemoteOptions(options);
    const client = options.client ?? connect(options);
    const { sse, storageClass, partSize, concurrency, singleWriter } = options;
    super((bucket) => new S3Store({ bucket, client, sse, storageClass, partSize, concurrency, singleWriter }));
    this.#ownClient = options.client === undefined ? client : undefined;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.#ownClient?.destroy();
  }
}
