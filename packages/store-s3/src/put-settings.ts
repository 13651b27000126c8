import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { S3WriteOptions } from "./s3-options.js";

/** The settings of a store's writes, with defaults applied. */
export interface PutSettings {
  /** The parameters of every write. */
  readonly headers: Pick<PutObjectCommandInput, "ServerSideEncryption" | "SSEKMSKeyId" | "BucketKeyEnabled" | "StorageClass">;
  /** Bytes. */
  readonly partSize: number;
  readonly concurrency: number;
}

const defaultPartBytes = 8 * 1_024 ** 2;

export function putSettings(options: S3WriteOptions): PutSettings {
  const { sse, storageClass, partSize = defaultPartBytes, concurrency = 4 } = options;
  const storage = storageClass === undefined ? {} : { StorageClass: storageClass };
  return { headers: { ...storage, ...encryption(sse) }, partSize, concurrency };
}

function encryption(sse: S3WriteOptions["sse"]): PutSettings["headers"] {
  if (sse === undefined) return {};
  if (sse.kind === "S3") return { ServerSideEncryption: "AES256" };
  return {
    ServerSideEncryption: "aws:kms",
    ...(sse.keyId === undefined ? {} : { SSEKMSKeyId: sse.keyId }),
    ...(sse.bucketKey === undefined ? {} : { BucketKeyEnabled: sse.bucketKey }),
  };
}
