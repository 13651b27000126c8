import { randomUUID } from "node:crypto";
import { CopyObjectCommand, type CopyObjectCommandInput, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type BucketLocation, copySource, ownFolder } from "./bucket-location.js";
import { etagOf } from "./etag.js";
import type { PutSettings } from "./put-settings.js";
import { type Outcome, raceCreations } from "./race-writes.js";
import { type Doing, s3Error } from "./s3-error.js";
import { faultOf } from "./s3-fault.js";
import { refused } from "./write-refused.js";
import { type WriteSupport, wrongEtag } from "./write-support.js";

type Headers = PutSettings["headers"];
type Condition = Pick<CopyObjectCommandInput, "IfNoneMatch" | "CopySourceIfMatch">;
type Copy = (condition: Condition) => Promise<Outcome>;

/**
 * Tests that exactly one of several racing copies onto a missing object wins. Some services support the conditions of puts and ignore those of copies.
 *
 * @throws CAPABILITY_MISSING, which says what was observed
 */
export async function probeCopyTarget(place: BucketLocation, headers: Headers): Promise<WriteSupport> {
  return withCopies(place, headers, async (copy, _, doing) => {
    await raceCreations(doing, () => copy({ IfNoneMatch: "*" }));
    return { etagQuoting: "quoted", complete: true };
  });
}

/**
 * Tests that the service copies an object only if it has the etag that the request names.
 *
 * @throws CAPABILITY_MISSING, which says what was observed
 */
export async function probeCopySource(place: BucketLocation, headers: Headers): Promise<void> {
  await withCopies(place, headers, async (copy, etag, doing) => {
    const wrong = await copy({ CopySourceIfMatch: `"${wrongEtag}"` });
    if ("etag" in wrong) throw await refused(doing, "copied an object although x-amz-copy-source-if-match named another etag");
    if (faultOf(wrong.error)?.status !== 412) throw await s3Error(wrong.error, doing);
    const right = await copy({ CopySourceIfMatch: `"${etag}"` });
    if ("etag" in right) return;
    if (faultOf(right.error)?.status !== 412) throw await s3Error(right.error, doing);
    throw await refused(doing, "did not copy an object although x-amz-copy-source-if-match named its etag", right.error);
  });
}

/** Puts an object to copy, and removes it and its copy at the end. */
async function withCopies<T>(
  place: BucketLocation,
  headers: Headers,
  test: (copy: Copy, etag: string, doing: Doing) => Promise<T>,
): Promise<T> {
  const key = `${ownFolder}probes/${randomUUID()}`;
  const { bucket: Bucket, client } = place;
  const [source, target] = [`${place.prefix}${key}`, `${place.prefix}${key}.copy`];
  const doing: Doing = { operation: "copy", key, place };
  const CopySource = copySource(Bucket, source);
  try {
    const put = new PutObjectCommand({ Bucket, Key: source, Body: "probe", ...headers });
    const { ETag } = await client.send(put).catch(async (error: unknown) => {
      throw await s3Error(error, doing);
    });
    const copy: Copy = async (condition) => {
      try {
        const command = new CopyObjectCommand({ Bucket, Key: target, CopySource, TaggingDirective: "REPLACE", ...headers, ...condition });
        return { etag: etagOf((await client.send(command)).CopyObjectResult?.ETag) };
      } catch (error) {
        return { error };
      }
    };
    return await test(copy, etagOf(ETag), doing);
  } finally {
    for (const Key of [source, target]) await client.send(new DeleteObjectCommand({ Bucket, Key })).catch(() => undefined);
  }
}
