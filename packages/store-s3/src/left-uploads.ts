import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AbortMultipartUploadCommand, type S3Client } from "@aws-sdk/client-s3";
import { createOwnedFolder, leftoversIn, type OwnedFolder, removeLeftover } from "@mlforge/spec/ownership";
import type { BucketLocation } from "./bucket-location.js";
import { hostOf } from "./host.js";

/** The folder of an upload in the system's temporary folder begins like this. It names the upload, which S3 keeps until it is aborted. */
const prefix = "mlforge-upload-";
const fileName = "upload";

/** Records an upload in parts on this machine, so that another process can abort it if this one is killed. Disposing of it removes the record. */
export async function recordUpload(place: BucketLocation, key: string, uploadId: string): Promise<OwnedFolder> {
  const folder = await createOwnedFolder(tmpdir(), prefix, "keep");
  await writeFile(join(folder.path, fileName), [await hostOf(place.client), place.bucket, key, uploadId].join("\n"));
  return folder;
}

/** Aborts the uploads to this bucket that killed processes of this machine left. Ignores failures, since the next upload tries again. */
export async function abortLeftUploads({ client, bucket }: BucketLocation): Promise<void> {
  const host = await hostOf(client);
  for (const { path } of await leftoversIn(tmpdir(), prefix)) {
    const text = await readFile(join(path, fileName), "utf8").catch(() => "");
    const [theirHost, theirBucket, key, uploadId] = text.split("\n");
    if (text !== "" && (theirHost !== host || theirBucket !== bucket)) continue;
    if (key === undefined || uploadId === undefined || (await isGone(client, bucket, key, uploadId))) await removeLeftover(path);
  }
}

async function isGone(client: S3Client, bucket: string, key: string, uploadId: string): Promise<boolean> {
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
    return true;
  } catch (error) {
    return error instanceof Error && error.name === "NoSuchUpload";
  }
}
