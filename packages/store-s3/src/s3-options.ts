import type { S3Client, StorageClass } from "@aws-sdk/client-s3";

/** How to reach the service. Credentials are found like in the AWS SDK, unless a `client` has its own. */
export interface S3ConnectionOptions {
  /** The region, for example `eu-west-1`. Defaults to what the AWS SDK finds, or to `us-east-1` with an `endpoint`. */
  readonly region?: string | undefined;
  /** The http(s) URL of an S3-compatible service. Defaults to Amazon S3. */
  readonly endpoint?: string | undefined;
  /** Puts the bucket into the path instead of the host name. Defaults to true with an `endpoint`, or else to false. */
  readonly forcePathStyle?: boolean | undefined;
  /** Uses S3 Transfer Acceleration, which must be enabled on the bucket. Defaults to false. */
  readonly accelerate?: boolean | undefined;
  /** Uses Amazon's endpoints that also support IPv6. Defaults to false. */
  readonly dualStack?: boolean | undefined;
  /** The time to wait for a connection, in milliseconds. Defaults to 5,000. */
  readonly connectTimeout?: number | undefined;
  /**
   * The time, in milliseconds, to wait for an answer to begin, and for each of its next 10 KiB or its end. Sending a body is waited for as long as the
   * service takes bytes. Defaults to 10,000.
   */
  readonly answerTimeout?: number | undefined;
  /** The time to wait for the service to copy an object or to join the parts of an upload, in milliseconds. Defaults to 300,000. */
  readonly copyTimeout?: number | undefined;
  /**
   * The time, in milliseconds, for which requests without an answer are tried again. All calls of the store share it. After it, they fail with
   * STORE_UNAVAILABLE. Defaults to 50,000.
   */
  readonly retryTimeout?: number | undefined;
  /** A client of your own, instead of all options above. It has timeouts of its own. The store does not destroy it. */
  readonly client?: S3Client | undefined;
}

/** `S3` encrypts with keys of the service (SSE-S3), `KMS` with a key of AWS KMS. */
export type S3Encryption =
  | { readonly kind: "S3" }
  | {
      readonly kind: "KMS";
      /** The id, ARN, or alias of the key. Defaults to the account's default key. */
      readonly keyId?: string | undefined;
      /** Saves requests to KMS with a bucket key. Defaults to the configuration of the bucket. */
      readonly bucketKey?: boolean | undefined;
    };

/** How objects are written. */
export interface S3WriteOptions {
  /** The encryption of objects at rest. Defaults to the configuration of the bucket. */
  readonly sse?: S3Encryption | undefined;
  /** The storage class, for example `STANDARD_IA`. Defaults to the default of the bucket. */
  readonly storageClass?: StorageClass | undefined;
  /** The size of a part, in bytes, at least 5 MiB. Larger files are sent in parts. Defaults to 8 MiB. */
  readonly partSize?: number | undefined;
  /** The number of parts of one file that are sent at once, each held in memory. Defaults to 4. */
  readonly concurrency?: number | undefined;
  /**
   * Promises that no other process writes at the same time. This process then checks conditions itself, so the service need not
   * support them. Two such processes at once can lose a version. Defaults to false.
   */
  readonly singleWriter?: boolean | undefined;
}

export interface S3RemoteOptions extends S3ConnectionOptions, S3WriteOptions {}

export interface S3StoreOptions extends S3RemoteOptions {
  readonly bucket: string;
  /** Where in the bucket the store is, with or without a `/` at the end: `prod/features`. Defaults to the whole bucket. */
  readonly prefix?: string | undefined;
  /** States that the credentials can write and list but not read. `head` and `get` then fail. Defaults to false. */
  readonly writeOnly?: boolean | undefined;
}
