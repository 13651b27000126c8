import { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { type ByteRange, type CallOptions, cutRange, type GetOptions, type GetResult, MlforgeError, type ObjectInfo } from "@mlforge/spec";
import { etagOf } from "./etag.js";
import { objectKey, storeName, urlOf } from "./place.js";
import { readBody } from "./read-body.js";
import { type Doing, translated } from "./s3-error.js";
import { faultOf, isMissingKey } from "./s3-fault.js";
import { safeCause } from "./safe-cause.js";
import { unavailable } from "./unknown-answer.js";

/** What a store tells of an object. @throws STORE_NOT_FOUND */
export async function headObject(doing: Doing, { signal }: CallOptions): Promise<ObjectInfo> {
  const Key = objectKey(doing.place, doing.key);
  const { client, bucket: Bucket } = doing.place;
  return translated(doing, signal, async () => {
    const abort = signal === undefined ? {} : { abortSignal: signal };
    try {
      const answer = await client.send(new HeadObjectCommand({ Bucket, Key }), abort);
      return infoOf(doing.key, answer.ContentLength, answer);
    } catch (error) {
      if (faultOf(error)?.status === undefined) throw error;
      signal?.throwIfAborted();
    }
    // The answer to a HEAD has no body to say why, so a byte is asked for.
    try {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=0-0" }), abort);
      for await (const _ of readBody(answer.Body, undefined));
      return infoOf(doing.key, partOf(answer).size, answer);
    } catch (error) {
      if (isMissingKey(error)) throw notFound(doing, error);
      // An empty object has no first byte; it came into being after the HEAD.
      if (faultOf(error)?.status === 416) throw await unavailable(doing, "met a change", error);
      throw error;
    }
  });
}

/** An object's bytes, or a range of them. @throws STORE_NOT_FOUND */
export async function getObject(doing: Doing, options: GetOptions): Promise<GetResult> {
  const { range, signal } = options;
  const Key = objectKey(doing.place, doing.key);
  const asked = cutRange(range, Number.MAX_SAFE_INTEGER);
  if (asked.start === asked.end) return nothingOf(await headObject(doing, options));
  // Ends the request when the result is disposed of, however much of it was read.
  const ending = new AbortController();
  const abortSignal = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  return translated(doing, signal, async () => {
    const { client, bucket: Bucket } = doing.place;
    const Range = rangeHeader(range);
    const request = new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) });
    try {
      const answer = await client.send(request, { abortSignal });
      // The stream may fail before anybody listens, or when nobody ever does.
      if (answer.Body instanceof Readable) answer.Body.on("error", () => {});
      const { size, length } = Range === undefined ? { size: answer.ContentLength, length: answer.ContentLength } : partOf(answer);
      if (size === undefined || length === undefined) throw await unavailable(doing, "was answered without a Content-Length");
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
      if (start < end) throw await unavailable(doing, "met a change", error);
      return nothingOf(info);
    }
  });
}

function nothingOf(info: ObjectInfo): GetResult {
  return { info, body: readBody(undefined, undefined), [Symbol.asyncDispose]: async () => {} };
}

/** As HTTP has it, with the last byte included. Undefined for the whole object, of which an empty one has no range. */
function rangeHeader(range: ByteRange | undefined): string | undefined {
  if (range === undefined) return undefined;
  if ("suffix" in range) return `bytes=-${range.suffix}`;
  if (range.end === undefined) return range.start === 0 ? undefined : `bytes=${range.start}-`;
  return `bytes=${range.start}-${range.end - 1}`;
}

/** The bytes of the whole object, and of the part that was asked for. */
function partOf({ ContentRange, ContentLength }: GetObjectCommandOutput): { readonly size: number; readonly length: number } {
  // An empty object has no range; some services refuse it then, and some give it.
  if (ContentRange === undefined && ContentLength === 0) return { size: 0, length: 0 };
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange ?? "") ?? [];
  if (size !== undefined) return { size: Number(size), length: Number(last) - Number(first) + 1 };
  const message = "the service answers a request for a range with the whole object; use one that gives ranges";
  throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: storeName, capability: "ranges" });
}

function infoOf(key: string, size: number | undefined, answer: HeadObjectCommandOutput | GetObjectCommandOutput): ObjectInfo {
  const { VersionId: versionId } = answer;
  const info = { key, size: size ?? 0, etag: etagOf(answer.ETag), modifiedAt: wholeSeconds(answer.LastModified) };
  // S3 calls what was written before versioning began "null".
  return versionId === undefined || versionId === "null" ? info : { ...info, versionId };
}

/** A list tells milliseconds and a head does not; both shall tell the same. */
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
