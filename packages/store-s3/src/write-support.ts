import { randomUUID } from "node:crypto";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type BucketLocation, ownFolder } from "./bucket-location.js";
import { etagOf } from "./etag.js";
import type { PutSettings } from "./put-settings.js";
import { type Outcome, raceCreations, raceReplacements } from "./race-writes.js";
import { type Doing, s3Error } from "./s3-error.js";
import { faultOf, isDenied } from "./s3-fault.js";
import { notS3, unavailable } from "./unknown-answer.js";
import { refused } from "./write-refused.js";

/** How a service wants conditions, after a test that it supports them. */
export interface WriteSupport {
  /** The form of the ETag that If-Match needs: with quotes, as in HTTP, or without them. */
  readonly etagQuoting: "quoted" | "unquoted";
  /** True if If-Match was tested. Without s3:GetObject it is refused, now and later. */
  readonly complete: boolean;
}

/** An etag that no object has. */
export const wrongEtag: string = "00000000000000000000000000000000";

/**
 * Tests that the service supports conditions: exactly one of several racing creations of an object wins, only the right etag replaces it, and exactly
 * one of several racing replacements that name the same etag wins, in several rounds.
 *
 * Services that ignore the headers, or check first and write later, answer as if nothing were wrong. A race that never meets proves nothing, so this
 * finds faults and cannot exclude them. Leaves nothing behind if deletion is allowed.
 *
 * @throws CAPABILITY_MISSING, which says what was observed
 */
export async function probeConditionalWrites(place: BucketLocation, headers: PutSettings["headers"]): Promise<WriteSupport> {
  const key = `${ownFolder}probes/${randomUUID()}`;
  const [Bucket, Key] = [place.bucket, place.prefix + key];
  const doing: Doing = { operation: "put", key, place };
  const put: Put = async (body, condition) => {
    try {
      const { ETag } = await place.client.send(new PutObjectCommand({ Bucket, Key, Body: body, ...headers, ...condition }));
      return ETag === undefined ? { error: await notS3(doing, "without an ETag") } : { etag: etagOf(ETag) };
    } catch (error) {
      return { error };
    }
  };
  try {
    const etag = await raceCreations(doing, (body) => put(body, { IfNoneMatch: "*" }));
    return await replace(doing, put, etag);
  } finally {
    // Conditional writes also work without permission to delete.
    await place.client.send(new DeleteObjectCommand({ Bucket, Key })).catch(() => undefined);
  }
}

type Put = (body: string, condition: { IfNoneMatch?: string; IfMatch?: string }) => Promise<Outcome>;

async function replace(doing: Doing, put: Put, etag: string): Promise<WriteSupport> {
  for (const etagQuoting of ["quoted", "unquoted"] as const) {
    const written = (text: string): string => (etagQuoting === "quoted" ? `"${text}"` : text);
    const wrong = await put("wrong", { IfMatch: written(wrongEtag) });
    if ("etag" in wrong) throw await refused(doing, "replaced an object although If-Match named another etag");
    if (isDenied(wrong.error)) return { etagQuoting, complete: false };
    const { status } = faultOf(wrong.error) ?? {};
    if (status === 501) throw await refused(doing, "answers 501 to If-Match", wrong.error);
    if (status !== 412) throw await s3Error(wrong.error, doing);
    const right = await put("right", { IfMatch: written(etag) });
    if ("etag" in right) {
      await raceReplacements(doing, right.etag, (body, current) => put(body, { IfMatch: written(current) }));
      return { etagQuoting, complete: true };
    }
    if (faultOf(right.error)?.status !== 412) throw await s3Error(right.error, doing);
    // The first request could have succeeded, with its answer lost.
    if ((faultOf(right.error)?.attempts ?? 1) > 1) throw await unavailable(doing, "to test conditional writes was repeated", right.error);
  }
  throw await refused(doing, "did not replace an object although If-Match named its etag");
}
