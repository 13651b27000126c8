import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { AccessKeys } from "@mlforge/test-servers";

let buckets = 0;

const anyKeys: AccessKeys = { accessKeyId: "any", secretAccessKey: "any" };

export function clientOf(endpoint: string, credentials: AccessKeys = anyKeys): S3Client {
  return new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
}

/** A client as Ceph's gateway wants it, which knows none of the newer checksums. */
export function cephClientOf(endpoint: string, credentials: AccessKeys): S3Client {
  const checksums = { requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" } as const;
  return new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true, ...checksums });
}

/** Makes a bucket of a name that no other test of this file has. */
export async function newBucket(client: S3Client): Promise<string> {
  const Bucket = `bucket-${++buckets}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}
