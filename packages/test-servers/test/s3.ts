import { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { AccessKeys } from "@mlforge/test-servers";

/** A client that tries once and adds no checksums of its own, which radosgw does not know. */
export function clientOf(endpoint: string, credentials: AccessKeys = { accessKeyId: "any", secretAccessKey: "any" }): S3Client {
  return new S3Client({
    endpoint,
    credentials,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

/** The HTTP status of an answer, be it a refusal or not. */
export async function statusOf(answer: Promise<{ $metadata: { httpStatusCode?: number | undefined } }>): Promise<number | undefined> {
  try {
    return (await answer).$metadata.httpStatusCode;
  } catch (error) {
    if (error instanceof S3ServiceException) return error.$metadata.httpStatusCode;
    throw error;
  }
}
