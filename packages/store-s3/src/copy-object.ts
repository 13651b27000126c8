import { CopyObjectCommand, type CopyObjectCommandInput } from "@aws-sdk/client-s3";
import { type CopyOptions, MlforgeError, type StoredObject } from "@mlforge/spec";
import { copySource, objectKey, storeName, urlOf } from "./bucket-location.js";
import { conflict } from "./conditions.js";
import { copyInParts } from "./copy-in-parts.js";
import type { CopySettings } from "./copy-settings.js";
import { etagOf } from "./etag.js";
import { checkOneRequest } from "./put-body.js";
import { headObject } from "./read-object.js";
import { type Doing, translated } from "./s3-error.js";
import { faultOf } from "./s3-fault.js";
import { safeCause } from "./safe-cause.js";
import { unavailable } from "./unknown-answer.js";

/**
 * Copies an object inside the service: in parts if it is large and there is no condition on the target, or else in one request.
 *
 * @throws STORE_NOT_FOUND, STORE_CONFLICT if a condition does not hold or the source changes
 */
export async function copyObject(doing: Doing, from: string, options: CopyOptions, settings: CopySettings): Promise<StoredObject> {
  const { key, place } = doing;
  const { condition, signal, sourceEtag } = options;
  const Key = objectKey(place, key);
  const source: Doing = { operation: "head", key: from, place };
  const { size, etag } = await headObject(source, { signal });
  const expectSource = (found: Pick<StoredObject, "etag">, cause?: unknown): void => {
    if (found.etag !== etag) throw sourceChanged(doing, from, cause);
  };
  expectSource({ etag: sourceEtag ?? etag });
  if (from === key) {
    if (condition !== undefined) throw conflict(doing, condition);
    return { key, size, etag };
  }
  const copied = { CopySource: copySource(place.bucket, objectKey(place, from)), CopySourceIfMatch: `"${etag}"` };

  const inOneRequest = async (headers: Pick<CopyObjectCommandInput, "IfNoneMatch">): Promise<string | undefined> => {
    // With the default directive, an object that has tags needs permissions for them.
    const tags = { TaggingDirective: "REPLACE" } as const;
    const command = new CopyObjectCommand({ Bucket: place.bucket, Key, ...copied, ...tags, ...settings.headers, ...headers });
    try {
      return (await place.client.send(command, signal === undefined ? {} : { abortSignal: signal })).CopyObjectResult?.ETag;
    } catch (error) {
      const { status, attempts = 1 } = faultOf(error) ?? {};
      if (status !== 404 && status !== 412) throw error;
      try {
        expectSource(await headObject(source, { signal }), error);
      } catch (changed) {
        // The first request could have succeeded, with its answer lost.
        if (attempts > 1) throw await unavailable(doing, "was repeated, and then its source had changed", changed);
        throw changed;
      }
      throw error;
    }
  };

  return translated(doing, signal, async () => {
    const inParts = condition === undefined && size > settings.partBytes;
    let made: string | undefined;
    if (inParts) {
      made = await copyInParts(
        doing,
        { ...copied, size },
        settings,
        async (cause) => expectSource(await headObject(source, { signal }), cause),
        signal,
      );
    } else {
      checkOneRequest(size);
      if (sourceEtag !== undefined) await settings.proveSource(signal);
      made = await (condition === undefined ? inOneRequest({}) : settings.copyIf(doing, condition, signal, inOneRequest));
    }
    if (made === undefined) throw await unavailable(doing, "got an answer without an ETag");
    const stored = { key, size, etag: etagOf(made) };
    if (inParts || sourceEtag !== undefined || stored.etag === etag) return stored;
    // The bytes are those of the source, which the service encrypts again or once stored in parts. Or the service ignores the condition on the
    // source, and copied a newer state.
    const there = await headObject({ ...doing, operation: "head" }, { signal });
    if (there.etag === stored.etag) return { ...stored, size: there.size };
    if ((await headObject(source, { signal })).etag === etag) return stored;
    throw await unavailable(doing, "cannot tell the size of the copy, because both objects changed");
  });
}

function sourceChanged({ place, key }: Doing, from: string, cause: unknown): MlforgeError {
  const message = `${urlOf(place, from)} has another etag than expected, so it was not copied to ${urlOf(place, key)}; read it again and decide again`;
  return new MlforgeError("STORE_CONFLICT", message, { store: storeName, key: from }, { cause: safeCause(cause) });
}
