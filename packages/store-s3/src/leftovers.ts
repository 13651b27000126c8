import { DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { CallOptions, Leftover } from "@mlforge/spec";
import { type BucketLocation, ownFolder } from "./bucket-location.js";
import { serviceClock } from "./clock.js";
import { abortUpload, recordedUploads, removeRecorded, type UploadInParts } from "./left-uploads.js";
import { translated } from "./s3-error.js";
import { faultOf, isDenied, isMissingKey } from "./s3-fault.js";
import { silentUploads } from "./silent-uploads.js";

/** The time without a sign of life after which an upload or a probe of any machine is considered abandoned. */
const silentMs = 24 * 60 * 60 * 1_000;
const probes = `${ownFolder}probes/`;

/**
 * Finds leftovers of ended processes: uploads to the bucket that processes of this machine recorded, and uploads and probes of any machine that have
 * shown no sign of life for a day, by the clock of the service. Skips what the credentials or the service do not let it list.
 */
export async function findLeftovers(place: BucketLocation, signal: AbortSignal | undefined): Promise<readonly Leftover[]> {
  const { left, alive } = await recordedUploads(place);
  const found = left.map((record): Leftover => {
    const { path, upload } = record;
    if (upload === undefined) return { kind: "upload", location: path, remove: () => removeRecorded(place, record) };
    return {
      kind: "upload",
      location: urlIn(place, upload.key),
      remove: (options) => removing(place, upload.key, options, () => removeRecorded(place, record)),
    };
  });
  const since = new Date((await serviceClock(place, signal)).getTime() - silentMs);
  const known = new Set([...alive, ...left.flatMap(({ upload }) => upload?.uploadId ?? [])]);
  const silent = (await unlessRefused(place, signal, () => silentUploads(place, since, signal))) ?? [];
  const old = (await unlessRefused(place, signal, () => oldProbes(place, since, signal))) ?? [];
  return [
    ...found,
    ...silent.filter(({ uploadId }) => !known.has(uploadId)).map((upload) => silentUpload(place, upload)),
    ...old.map(
      (key): Leftover => ({
        kind: "probe",
        location: urlIn(place, key),
        remove: (options) => removing(place, key, options, () => deleteProbe(place, key)),
      }),
    ),
  ];
}

function silentUpload(place: BucketLocation, upload: UploadInParts): Leftover {
  const key = upload.key.slice(place.prefix.length);
  const remove: Leftover["remove"] = (options) => removing(place, upload.key, options, () => abortUpload(place, upload));
  const location = urlIn(place, upload.key);
  return key.startsWith(probes) ? { kind: "probe", location, remove } : { kind: "upload", location, key, remove };
}

async function oldProbes(
  { client, bucket, prefix }: BucketLocation,
  since: Date,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + probes });
  const { Contents = [] } = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
  return Contents.flatMap(({ Key, LastModified }) =>
    Key !== undefined && LastModified !== undefined && LastModified < since ? [Key] : [],
  );
}

async function deleteProbe({ client, bucket }: BucketLocation, key: string): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
    if (!isMissingKey(error)) throw error;
  });
}

/** Returns undefined if a permission is missing, or if the service does not support the request. */
async function unlessRefused<T>(place: BucketLocation, signal: AbortSignal | undefined, list: () => Promise<T>): Promise<T | undefined> {
  return translated({ operation: "list", key: "", place }, signal, async () => {
    try {
      return await list();
    } catch (error) {
      const status = faultOf(error)?.status;
      if (isDenied(error) || status === 405 || status === 501) return undefined;
      throw error;
    }
  });
}

function removing(place: BucketLocation, key: string, { signal }: CallOptions = {}, remove: () => Promise<void>): Promise<void> {
  signal?.throwIfAborted();
  return translated({ operation: "delete", key, place: { ...place, prefix: "" } }, signal, remove);
}

function urlIn({ bucket }: BucketLocation, key: string): string {
  return `s3://${bucket}/${key}`;
}
