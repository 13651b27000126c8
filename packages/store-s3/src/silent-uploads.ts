import {
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  paginateListParts,
} from "@aws-sdk/client-s3";
import type { BucketLocation } from "./bucket-location.js";
import type { UploadInParts } from "./left-uploads.js";

/**
 * Returns the uploads in parts below the prefix of a store that began before a time and have received no part since, by the clock of the service. They
 * can come from any machine and from other programs.
 */
export async function silentUploads(
  place: BucketLocation,
  since: Date,
  signal: AbortSignal | undefined,
): Promise<readonly UploadInParts[]> {
  const found: UploadInParts[] = [];
  for await (const { key, uploadId, begunAt } of openUploads(place, signal)) {
    if (begunAt < since && !(await hasPartAfter(place, { key, uploadId }, since, signal))) found.push({ key, uploadId });
  }
  return found;
}

interface OpenUpload extends UploadInParts {
  readonly begunAt: Date;
}

async function* openUploads({ client, bucket, prefix }: BucketLocation, signal: AbortSignal | undefined): AsyncGenerator<OpenUpload> {
  const abort = signal === undefined ? {} : { abortSignal: signal };
  let from: Pick<ListMultipartUploadsCommandInput, "KeyMarker" | "UploadIdMarker"> = {};
  for (;;) {
    const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from });
    const page: ListMultipartUploadsCommandOutput = await client.send(command, abort);
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      // An upload of unknown age never counts as old.
      if (Key?.startsWith(prefix) && UploadId !== undefined && Initiated !== undefined)
        yield { key: Key, uploadId: UploadId, begunAt: Initiated };
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    // Some services always announce another page, and start again from the first.
    const isSame = NextKeyMarker === from.KeyMarker && NextUploadIdMarker === from.UploadIdMarker;
    if (page.IsTruncated !== true || !NextKeyMarker || isSame) return;
    from = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
  }
}

async function hasPartAfter(
  { client, bucket }: BucketLocation,
  { key, uploadId }: UploadInParts,
  since: Date,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const input = { Bucket: bucket, Key: key, UploadId: uploadId };
  // Services return the last part as the next marker, even on the last page.
  const pages = paginateListParts({ client, stopOnSameToken: true }, input, signal === undefined ? {} : { abortSignal: signal });
  for await (const { Parts } of pages) {
    // A part of unknown age might be recent.
    if (Parts?.some(({ LastModified }) => LastModified === undefined || LastModified >= since)) return true;
  }
  return false;
}
