import { randomUUID } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { PermissionCheck } from "@mlforge/spec";
import { type BucketLocation, ownFolder } from "./bucket-location.js";
import { diagnoseConditions } from "./diagnose-conditions.js";
import { expectPage } from "./list-objects.js";
import type { PutSettings } from "./put-settings.js";
import { type Doing, translated } from "./s3-error.js";
import { isDenied, isMissingKey } from "./s3-fault.js";
import { notS3 } from "./unknown-answer.js";

type Outcome = PermissionCheck["outcome"];

const readers = ["build", "training", "serving"] as const;

/**
 * Tests each action that a store needs, on a probe in the store's own folder. Leaves nothing behind if deletion is allowed.
 *
 * Rejects for every failure other than a missing permission, like any other call.
 */
export async function diagnose(
  place: BucketLocation,
  headers: PutSettings["headers"],
  singleWriter: boolean,
  signal?: AbortSignal,
): Promise<readonly PermissionCheck[]> {
  const { client, bucket: Bucket, prefix } = place;
  const key = `${ownFolder}probes/${randomUUID()}`;
  const Key = prefix + key;
  const probe = `s3://${Bucket}/${Key}`;
  const abort = signal === undefined ? {} : { abortSignal: signal };
  /** Returns the result of a request, or undefined if it was denied. */
  const tried = <T>(operation: Doing["operation"], call: () => Promise<T>): Promise<T | undefined> =>
    translated({ operation, key, place }, signal, () => call().catch(unlessDenied));

  const listed = await tried("list", () => client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 10 }), abort));
  if (listed !== undefined) await expectPage(listed, { operation: "list", key, place });
  const put = await tried("put", () => client.send(new PutObjectCommand({ Bucket, Key, Body: "probe", ...headers }), abort));
  if (put !== undefined && put.ETag === undefined) throw await notS3({ operation: "put", key, place }, "without an ETag");
  const existing = put !== undefined ? Key : listed?.Contents?.find(({ Size = 0 }) => Size > 0)?.Key;
  const got = await tried("get", () => gotByte(place, existing ?? Key, abort));
  // An abort between these two calls would leave the upload open.
  const upload = await tried("put", () => client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...headers })));
  const UploadId = upload?.UploadId;
  const end = () => client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(unlessDenied);
  const aborted = UploadId && (await translated({ operation: "put", key, place }, undefined, end));
  const deleted = await tried("delete", () => client.send(new DeleteObjectCommand({ Bucket, Key }), abort));

  signal?.throwIfAborted();
  const conditions = await diagnoseConditions(place, headers, { mayPut: put !== undefined, singleWriter });
  const reading =
    existing === undefined ? unreadProbe(got) : { outcome: outcomeOf(got), message: `got a byte of s3://${Bucket}/${existing}` };
  const left = deleted === undefined && put !== undefined ? `, which is left there` : "";
  return [
    check("s3:ListBucket", outcomeOf(listed), readers, `listed s3://${Bucket}/${prefix}`),
    check("s3:GetObject", reading.outcome, readers, reading.message),
    check("s3:PutObject", outcomeOf(put), ["build"], `put ${probe}`),
    conditions,
    UploadId === undefined
      ? check("s3:AbortMultipartUpload", "unknown", ["build"], "not tested, because s3:PutObject is missing")
      : check("s3:AbortMultipartUpload", outcomeOf(aborted || undefined), ["build"], `aborted an upload in parts of ${probe}`),
    check("s3:DeleteObject", outcomeOf(deleted), [], `deleted ${probe}${left}`),
  ];
}

function check(action: string, outcome: Outcome, neededFor: PermissionCheck["neededFor"], tried: string): PermissionCheck {
  return { action, outcome, neededFor, message: outcome === "denied" ? `was denied when this ${tried}` : tried };
}

/** Interprets a GET of a missing object. It is also refused without permission to list, so only the answer "missing" is conclusive. */
function unreadProbe(got: "byte" | "missing" | undefined): { readonly outcome: Outcome; readonly message: string } {
  if (got !== undefined) return { outcome: "allowed", message: "requested an object that does not exist, and the service said so" };
  return {
    outcome: "unknown",
    message: "there is no object to get, and a missing one is refused if s3:GetObject or s3:ListBucket is missing",
  };
}

async function gotByte(place: BucketLocation, Key: string, abort: { readonly abortSignal?: AbortSignal }): Promise<"byte" | "missing"> {
  try {
    const answer = await place.client.send(new GetObjectCommand({ Bucket: place.bucket, Key, Range: "bytes=0-0" }), abort);
    await answer.Body?.transformToByteArray();
    return "byte";
  } catch (error) {
    if (isMissingKey(error)) return "missing";
    throw error;
  }
}

function outcomeOf(answer: unknown): Outcome {
  return answer === undefined ? "denied" : "allowed";
}

function unlessDenied(error: unknown): undefined {
  if (!isDenied(error)) throw error;
}
