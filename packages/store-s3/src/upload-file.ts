import { createReadStream } from "node:fs";
import { AbortMultipartUploadCommand, CreateMultipartUploadCommand, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { OwnedFolder } from "@mlforge/spec/ownership";
import { objectKey } from "./bucket-location.js";
import { minPartBytes } from "./check-options.js";
import { abortLeftUploads, recordUpload } from "./left-uploads.js";
import type { PutSettings } from "./put-settings.js";
import type { Doing } from "./s3-error.js";

const maxParts = 10_000;

/** Sends a file of `size` bytes in parts, and returns the ETag. Leaves no parts behind if it fails or is aborted. */
export async function uploadFile(
  doing: Doing,
  file: string,
  size: number,
  settings: PutSettings,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  await abortLeftUploads(doing.place);
  const records: OwnedFolder[] = [];
  const body = createReadStream(file, { end: size - 1, highWaterMark: 1_024 ** 2 });
  const upload = new Upload({
    client: endingWith(doing.place.client, signal, async (uploadId) => {
      // Without a temporary folder, the upload goes on. Only a kill would leave its parts.
      const record = await recordUpload(doing.place, { key: objectKey(doing.place, doing.key), uploadId }).catch(() => undefined);
      if (record !== undefined) records.push(record);
    }),
    params: { Bucket: doing.place.bucket, Key: objectKey(doing.place, doing.key), Body: body, ContentLength: size, ...settings.headers },
    partSize: partBytes(size, settings.partSize),
    queueSize: settings.concurrency,
  });
  try {
    return (await upload.done()).ETag;
  } finally {
    body.destroy();
    for (const record of records) await record[Symbol.asyncDispose]();
  }
}

/** Returns the size of a part, increased if a file of `size` bytes would have too many parts. */
export function partBytes(size: number, wished: number): number {
  return Math.max(minPartBytes, wished, Math.ceil(size / maxParts));
}

/**
 * Wraps the client for one upload. `Upload.abort` lets running parts finish, and rejects before removing any. Instead, each
 * request gets the signal, so the upload fails, removes its parts, and then rejects. The request that begins an upload does not get the signal,
 * because its answer has the id needed to remove the upload. If the parts cannot be removed, the error still says why the
 * upload failed.
 */
function endingWith(client: S3Client, signal: AbortSignal | undefined, onBegin: (uploadId: string) => Promise<void>): S3Client {
  const send = (command: Parameters<S3Client["send"]>[0]): Promise<unknown> => {
    if (command instanceof AbortMultipartUploadCommand) return client.send(command).catch(() => undefined);
    if (command instanceof CreateMultipartUploadCommand) {
      return client.send(command).then(async (begun) => {
        if (begun.UploadId !== undefined) await onBegin(begun.UploadId);
        return begun;
      });
    }
    return client.send(command, signal === undefined ? {} : { abortSignal: signal });
  };
  return new Proxy(client, { get: (target, name) => (name === "send" ? send : Reflect.get(target, name)) });
}
