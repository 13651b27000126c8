import { readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AbortMultipartUploadCommand } from "@aws-sdk/client-s3";
import { createOwnedFolder, leftoversIn, type OwnedFolder, removeLeftover } from "@mlforge/spec/ownership";
import type { BucketLocation } from "./bucket-location.js";
import { hostOf } from "./host.js";

/** The folder of an upload in the system's temporary folder begins like this. It names the upload, which S3 keeps until it is aborted. */
const prefix = "mlforge-upload-";
const fileName = "upload";

/** An upload in parts. `key` is the key in the bucket, including the prefix of the store. */
export interface UploadInParts {
  readonly key: string;
  readonly uploadId: string;
}

/** The record of an upload by a process of this machine. */
interface UploadRecord {
  /** Its folder. */
  readonly path: string;
  /** Undefined if the process ended before it wrote the record. */
  readonly upload: UploadInParts | undefined;
}

/** Records an upload in parts on this machine, so that another process can abort it if this one is killed. Disposing of it removes the record. */
export async function recordUpload(place: BucketLocation, { key, uploadId }: UploadInParts): Promise<OwnedFolder> {
  const folder = await createOwnedFolder(tmpdir(), prefix, "keep");
  await writeFile(join(folder.path, fileName), [await hostOf(place.client), place.bucket, key, uploadId].join("\n"));
  return folder;
}

/** Aborts the uploads to this bucket that killed processes of this machine left. Ignores failures, since the next upload tries again. */
export async function abortLeftUploads(place: BucketLocation): Promise<void> {
  for (const record of (await recordedUploads(place)).left) await removeRecorded(place, record).catch(() => undefined);
}

/** Returns the uploads that processes of this machine recorded: `left` to this bucket by ended processes, and the ids of those by running processes. */
export async function recordedUploads({
  client,
  bucket,
}: BucketLocation): Promise<{ readonly left: readonly UploadRecord[]; readonly alive: ReadonlySet<string> }> {
  const host = await hostOf(client);
  const dead = new Set((await leftoversIn(tmpdir(), prefix)).map(({ path }) => path));
  const left: UploadRecord[] = [];
  const alive = new Set<string>();
  for (const name of (await readdir(tmpdir()).catch(() => [])).filter((each) => each.startsWith(prefix))) {
    const path = join(tmpdir(), name);
    const text = await readFile(join(path, fileName), "utf8").catch(() => "");
    const [theirHost, theirBucket, key, uploadId] = text.split("\n");
    const upload = key === undefined || uploadId === undefined ? undefined : { key, uploadId };
    if (!dead.has(path)) {
      if (upload !== undefined) alive.add(upload.uploadId);
    } else if (text === "" || (theirHost === host && theirBucket === bucket)) left.push({ path, upload });
  }
  return { left, alive };
}

/** Aborts a recorded upload and removes its record. */
export async function removeRecorded(place: BucketLocation, { path, upload }: UploadRecord): Promise<void> {
  if (upload !== undefined) await abortUpload(place, upload);
  await removeLeftover(path);
}

/** Aborts an upload. Resolves if it does not exist. */
export async function abortUpload({ client, bucket }: BucketLocation, { key, uploadId }: UploadInParts): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
  } catch (error) {
    if (!(error instanceof Error && error.name === "NoSuchUpload")) throw error;
  }
}
