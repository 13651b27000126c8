import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { PutBody, PutOptions, StoredObject } from "@mlforge/spec";
import { objectKey } from "./bucket-location.js";
import type { PutIf } from "./conditions.js";
import { etagOf } from "./etag.js";
import { checkOneRequest, payloadOf } from "./put-body.js";
import type { PutSettings } from "./put-settings.js";
import { type Doing, translated } from "./s3-error.js";
import { notS3 } from "./unknown-answer.js";
import { uploadFile } from "./upload-file.js";

/** Creates or replaces an object: in one request if there is a condition or little to send, or else in parts. */
export async function writeObject(
  doing: Doing,
  body: PutBody,
  { condition, signal }: PutOptions,
  settings: PutSettings,
  putIf: PutIf,
): Promise<StoredObject> {
  const { key, place } = doing;
  const input = { Bucket: place.bucket, Key: objectKey(place, key), ...settings.headers };
  return translated(doing, signal, async () => {
    const { size, file, body: bytes } = await payloadOf(body, settings.partSize);
    const send = async (headers: { readonly IfNoneMatch?: string; readonly IfMatch?: string }): Promise<string | undefined> => {
      const command = new PutObjectCommand({ ...input, ...headers, Body: bytes(), ContentLength: size });
      return (await place.client.send(command, signal === undefined ? {} : { abortSignal: signal })).ETag;
    };
    // The request that completes an upload has no condition, because services ignore it there.
    if (condition !== undefined) checkOneRequest(size);
    const inParts = (): Promise<string | undefined> => (file === undefined ? send({}) : uploadFile(doing, file, size, settings, signal));
    const etag = condition === undefined ? await inParts() : await putIf(doing, condition, signal, send);
    if (etag === undefined) throw await notS3(doing, "without an ETag");
    return { key, size, etag: etagOf(etag) };
  });
}
