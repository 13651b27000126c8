import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { objectKey } from "./bucket-location.js";
import type { CopySettings } from "./copy-settings.js";
import { abortLeftUploads, recordUpload } from "./left-uploads.js";
import type { Doing } from "./s3-error.js";
import { faultOf } from "./s3-fault.js";
import { unavailable } from "./unknown-answer.js";
import { partBytes } from "./upload-file.js";

interface Source {
  readonly CopySource: string;
  readonly CopySourceIfMatch: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Copies an object in parts, and returns the ETag. Leaves no parts behind if it fails or is aborted.
 *
 * `expectSource` throws if the source has changed. It is called before the copy is completed, because services that ignore the condition on the
 * source could have copied parts of two states.
 */
export async function copyInParts(
  doing: Doing,
  { size, ...source }: Source,
  { headers, concurrency, partBytes: wished }: CopySettings,
  expectSource: (cause?: unknown) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { client, bucket: Bucket } = doing.place;
  const Key = objectKey(doing.place, doing.key);
  await abortLeftUploads(doing.place);
  // Not abortable: its answer has the id needed to remove the parts.
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...headers }));
  const upload = { Bucket, Key, UploadId };
  const recorded =
    UploadId === undefined ? undefined : await recordUpload(doing.place, { key: Key, uploadId: UploadId }).catch(() => undefined);
  const failed = new AbortController();
  const abortSignal = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const bytes = partBytes(size, wished);
  const parts: CompletedPart[] = [];
  const starts = Array.from({ length: Math.ceil(size / bytes) }, (_, index) => index * bytes).values();
  const work = async (): Promise<void> => {
    for (const start of starts) {
      const range = { CopySourceRange: `bytes=${start}-${Math.min(start + bytes, size) - 1}`, PartNumber: start / bytes + 1 };
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand({ ...upload, ...source, ...range }), { abortSignal });
      parts.push({ PartNumber: range.PartNumber, ETag: CopyPartResult?.ETag });
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, () => work().catch((error: unknown) => failed.abort(error))));
    failed.signal.throwIfAborted();
    await expectSource();
    const Parts = parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
    return (await client.send(complete, signal === undefined ? {} : { abortSignal: signal })).ETag;
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    const fault = faultOf(error);
    // The request that completes the copy was repeated, and the first one could have succeeded.
    if (fault?.name === "NoSuchUpload") throw await unavailable(doing, "lost its upload in parts", error);
    if (fault?.status === 404 || fault?.status === 412) await expectSource(error);
    throw error;
  } finally {
    await recorded?.[Symbol.asyncDispose]();
  }
}
