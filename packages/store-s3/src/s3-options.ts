import type { S3Client, StorageClass } from "@aws-sdk/client-s3";

/** How the service is reached. Credentials are found as the AWS SDK finds them, unless a `client` brings its own. */
export interface S3ConnectionOptions {
  /** For example `eu-west-1`. Unless told: what the AWS SDK finds, or `us-east-1` with an `endpoint`. */
  readonly region?: string | undefined;
  /** An http(s) URL of an S3-compatible service. Unless told: Amazon's. */
  readonly endpoint?: string | undefined;
  /** Whether the bucket stands in the path and not in the host name. Unless told: only with an `endpoint`. */
  readonly forcePathStyle?: boolean | undefined;
  /** Whether to use S3 Transfer Acceleration, which the bucket must have enabled. Unless told: no. */
  readonly accelerate?: boolean | undefined;
  /** Whether to use Amazon's endpoints that also speak IPv6. Unless told: no. */
  readonly dualStack?: boolean | undefined;
  /** A client of your own, instead of all options above. It is not destroyed with the store. */
  readonly client?: S3Client | undefined;
}

/** `S3` is encryption with keys of the service (SSE-S3), `KMS` with a key of AWS KMS: the account's default unless `keyId` names one. */
export type S3Encryption =
  | { readonly kind: "S3" }
  | {
      readonly kind: "KMS";
      /** The id, ARN or alias of the key. */
      readonly keyId?: string | undefined;
      /** Whether to spare requests to KMS by a key of the bucket. Unless told: as the bucket is configured. */
      readonly bucketKey?: boolean | undefined;
    };

/** How objects are written. */
export interface S3WriteOptions {
  /** How objects are encrypted at rest. Unless told: as the bucket is configured. */
  readonly sse?: S3Encryption | undefined;
  /** For example `STANDARD_IA`. Unless told: the default of the bucket. */
  readonly storageClass?: StorageClass | undefined;
  /** Bytes of a part; larger files are sent in parts. Unless told: 8 MiB; at least 5 MiB. */
  readonly partSize?: number | undefined;
  /** Parts of one file that are sent at once, each held in memory. Unless told: 4. */
  readonly concurrency?: number | undefined;
  /**
   * That no process but this one writes while it does. Conditions are then held by this process instead of by the service, which need
   * not support them. Unless told: no.
   */
  readonly singleWriter?: boolean | undefined;
}

export interface S3RemoteOptions extends S3ConnectionOptions, S3WriteOptions {}

export interface S3StoreOptions extends S3RemoteOptions {
  readonly bucket: string;
  /** Where in the bucket the store is, with or without a `/` at the end: `prod/features`. Unless told: the whole bucket. */
  readonly prefix?: string | undefined;
  /** That these credentials may write and list but not read: `head` and `get` are refused. Unless told: no. */
  readonly writeOnly?: boolean | undefined;
}
