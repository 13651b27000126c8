import type { S3Client } from "@aws-sdk/client-s3";
import { checkStoreKey, checkStorePrefix, MlforgeError } from "@mlforge/spec";

export const storeName = "s3";

/** The store's own folder below its prefix: probes, and the record that conditions are honoured. No key may lie in it. */
export const ownFolder = ".mlforge/";

/** S3's own limit of a whole key. */
const maxKeyBytes = 1_024;

/** Where a store is: the keys of a bucket that start with `prefix`, which is empty or ends with `/`. */
export interface Place {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
}

/** The whole key of an object in the bucket. @throws STORE_KEY_INVALID */
export function objectKey(place: Place, key: string): string {
  checkStoreKey(storeName, key);
  checkNotOwn(key);
  if (hasControl(key)) throw invalid(key, "has a control character, which not all services take");
  const whole = place.prefix + key;
  if (Buffer.byteLength(whole) > maxKeyBytes) {
    throw invalid(key, `has with the prefix ${JSON.stringify(place.prefix)} more than the ${maxKeyBytes} bytes that S3 takes`);
  }
  return whole;
}

/** What the keys below a prefix of the store start with in the bucket. @throws STORE_KEY_INVALID */
export function objectPrefix(place: Place, prefix: string): string {
  checkStorePrefix(storeName, prefix);
  checkNotOwn(prefix);
  return place.prefix + prefix;
}

/** Whether a key or prefix of the store lies in its own folder. In any case of letters, so that a copy in a local folder holds the same. */
export function isOwn(key: string): boolean {
  return `${key}/`.slice(0, ownFolder.length).toLowerCase() === ownFolder;
}

/** Whether a key has a character that XML 1.0 cannot carry or may change: Amazon advises against them, and other services refuse them. */
export function hasControl(key: string): boolean {
  return /\p{Cc}/u.test(key);
}

/** For people: `s3://bucket/prefix/key`, as it stands. */
export function urlOf(place: Place, key: string): string {
  return `s3://${place.bucket}/${place.prefix}${key}`;
}

function checkNotOwn(key: string): void {
  if (isOwn(key)) throw invalid(key, `lies in ${ownFolder}, which the store keeps to itself`);
}

function invalid(key: string, problem: string): MlforgeError {
  return new MlforgeError("STORE_KEY_INVALID", `the key ${JSON.stringify(key)} ${problem}; choose another name`, { store: storeName, key });
}
