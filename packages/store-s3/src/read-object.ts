import { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { type ByteRange, type CallOptions, cutRange, type GetOptions, type GetResult, MlforgeError, type ObjectInfo } from "@mlforge/spec";
import { objectKey, storeName, urlOf } from "./bucket-location.js";
import { etagOf } from "./etag.js";
import { readBody } from "./read-body.js";
import { type Doing, translated } from "./s3-error.js";
import { faultOf, isMissingKey } from "./s3-fault.js";
import { safeCause } from "./safe-cause.js";
import { notS3, unavailable } from "./unknown-answer.js";

/** Returns the info of an object. @throws STORE_NOT_FOUND */
export async function headObject(doing: Doing, { signal }: CallOptions): Promise<ObjectInfo> {
  const Key = objectKey(doing.place, doing.key);
  const { client, bucket: Bucket } = doing.place;
  return translated(doing, signal, async () => {
    const abort = signal === undefined ? {} : { abortSignal: signal };
    try {
      const answer = await client.send(new HeadObjectCommand({ Bucket, Key }), abort);
      if (answer.ETag === undefined) throw await notS3(doing, "without an ETag");
      return infoOf(doing.key, answer.ContentLength, answer);
    } catch (error) {
      if (faultOf(error)?.status === undefined) throw error;
      signal?.throwIfAborted();
    }
    // The answer to a HEAD has no body with a reason, so request a byte.
    try {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=0-0" }), abort);
      for await (const _ of readBody(answer.Body, undefined));
      return infoOf(doing.key, partOf(answer).size, answer);
    } catch (error) {
      if (isMissingKey(error)) throw notFound(doing, error);
      // An empty object has no first byte. It was created after the HEAD.
      if (faultOf(error)?.status === 416) throw await unavailable(doing, "failed, because the object changed", error);
      throw error;
    }
  });
}

/** Streams an object's bytes, or a range of them. @throws STORE_NOT_FOUND */
export async function getObject(doing: Doing, options: GetOptions): Promise<GetResult> {
  const { range, signal } = options;
  const Key = objectKey(doing.place, doing.key);
  const asked = cutRange(range, Number.MAX_SAFE_INTEGER);
  if (asked.start === asked.end) return nothingOf(await headObject(doing, options));
  // Ends the request when the result is disposed of, even if not all of it was read.
  const ending = new AbortController();
  const abortSignal = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  return translated(doing, signal, async () => {
    const { client, bucket: Bucket } = doing.place;
    const Range = rangeHeader(range);
    const request = new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) });
    try {
      const answer = await client.send(request, { abortSignal });
      if (answer.ETag === undefined) throw await notS3(doing, "without an ETag");
      // The stream can fail before anybody listens, or if nobody ever does.
      if (answer.Body instanceof Readable) answer.Body.on("error", () => {});
      const { size, length } = Range === undefined ? { size: answer.ContentLength, length: answer.ContentLength } : partOf(answer);
      if (size === undefined || length === undefined) throw await unavailable(doing, "got an answer without a Content-Length");
      const info = infoOf(doing.key, size, answer);
      const body = readBody(answer.Body, { doing, signal, expected: length });
      return {
        info,
        body,
        [Symbol.asyncDispose]: async () => {
          ending.abort();
          await body.return();
        },
      };
    } catch (error) {
      if (isMissingKey(error)) throw notFound(doing, error);
      if (range === undefined || faultOf(error)?.status !== 416) throw error;
      const info = await headObject(doing, options);
      const { start, end } = cutRange(range, info.size);
      if (start < end) throw await unavailable(doing, "failed, because the object changed", error);
      return nothingOf(info);
    }
  });
}

function nothingOf(info: ObjectInfo): GetResult {
  return { info, body: readBody(undefined, undefined), [Symbol.asyncDispose]: async () => {} };
}

/** Formats a range for HTTP, which includes the last byte. Returns undefined for the whole object, because an empty object has no range. */
function rangeHeader(range: ByteRange | undefined): string | undefined {
  if (range === undefined) return undefined;
  if ("suffix" in range) return `bytes=-${range.suffix}`;
  if (range.end === undefined) return range.start === 0 ? undefined : `bytes=${range.start}-`;
  return `bytes=${range.start}-${range.end - 1}`;
}

/** Returns the size of the whole object and of the requested part. */
function partOf({ ContentRange, ContentLength }: GetObjectCommandOutput): { readonly size: number; readonly length: number } {
  // An empty object has no range. Some services refuse the request, and some return the object.
  if (ContentRange === undefined && ContentLength === 0) return { size: 0, length: 0 };
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange ?? "") ?? [];
  if (size !== undefined) return { size: Number(size), length: Number(last) - Number(first) + 1 };
  const message = "the service answers range requests with the whole object; use one that supports ranges";
  throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: storeName, capability: "ranges" });
}

function infoOf(key: string, size: number | undefined, answer: HeadObjectCommandOutput | GetObjectCommandOutput): ObjectInfo {
  const { VersionId: versionId } = answer;
  const info = { key, size: size ?? 0, etag: etagOf(answer.ETag), modifiedAt: wholeSeconds(answer.LastModified) };
  // S3 uses the version "null" for objects written before versioning was enabled.
  return versionId === undefined || versionId === "null" ? info : { ...info, versionId };
}

/** Drops the milliseconds, which `list` reports and `head` does not, so that both agree. */
export function wholeSeconds(date: Date | undefined): Date {
  return new Date(Math.floor((date?.getTime() ?? 0) / 1_000) * 1_000);
}

function notFound({ place, key }: Doing, cause: unknown): MlforgeError {
  return new MlforgeError(
    "STORE_NOT_FOUND",
    `no object ${urlOf(place, key)}; check the key`,
    { store: storeName, key },
    { cause: safeCause(cause) },
  );
}
