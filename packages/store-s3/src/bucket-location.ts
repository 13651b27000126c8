import type { S3Client } from "@aws-sdk/client-s3";
import { checkStoreKey, checkStorePrefix, MlforgeError } from "@mlforge/spec";

export const storeName = "s3";

/** The store's own folder below its prefix: probes, and the record that conditions work. Keys cannot be in it. */
export const ownFolder = ".mlforge/";

/** S3's limit for a whole key. */
const maxKeyBytes = 1_024;

/** The location of a store: the keys of a bucket that start with `prefix`, which is empty or ends with `/`. */
export interface BucketLocation {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
}

/** Returns the whole key of an object in the bucket. @throws STORE_KEY_INVALID */
export function objectKey(place: BucketLocation, key: string): string {
  checkStoreKey(storeName, key);
  checkNotOwn(key);
  if (hasControl(key)) throw invalid(key, "has a control character, which not all services accept");
  const whole = place.prefix + key;
  if (Buffer.byteLength(whole) > maxKeyBytes) {
    throw invalid(key, `is longer than the ${maxKeyBytes} bytes that S3 accepts, with the prefix ${JSON.stringify(place.prefix)}`);
  }
  return whole;
}

/** Returns the prefix in the bucket for a prefix of the store. @throws STORE_KEY_INVALID */
export function objectPrefix(place: BucketLocation, prefix: string): string {
  checkStorePrefix(storeName, prefix);
  checkNotOwn(prefix);
  return place.prefix + prefix;
}

/** Returns true if a key or prefix is in the store's own folder. Ignores case, so that a copy in a local folder has the same objects. */
export function isOwn(key: string): boolean {
  return `${key}/`.slice(0, ownFolder.length).toLowerCase() === ownFolder;
}

/** Returns true if a key has a character that XML 1.0 cannot carry or can change. Amazon advises against these, and other services refuse them. */
export function hasControl(key: string): boolean {
  return /\p{Cc}/u.test(key);
}

/** Prints `s3://bucket/prefix/key` for people, without encoding. */
export function urlOf(place: BucketLocation, key: string): string {
  return `s3://${place.bucket}/${place.prefix}${key}`;
}

/** Encodes the source of a copy, a whole key, for its header. */
export function copySource(bucket: string, key: string): string {
  return `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
}

function checkNotOwn(key: string): void {
  if (isOwn(key)) throw invalid(key, `is in ${ownFolder}, which is private to the store`);
}

function invalid(key: string, problem: string): MlforgeError {
  return new MlforgeError("STORE_KEY_INVALID", `the key ${JSON.stringify(key)} ${problem}; choose another name`, { store: storeName, key });
}
