import { type _Object, type CommonPrefix, ListObjectsV2Command, type ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { checkStoreKey, compareStoreKeys, isMlforgeError, type ListEntry, type ListOptions } from "@mlforge/spec";
import { hasControl, isOwn, objectPrefix, storeName } from "./bucket-location.js";
import { etagOf } from "./etag.js";
import { wholeSeconds } from "./read-object.js";
import { type Doing, translated } from "./s3-error.js";
import { notS3, unavailable } from "./unknown-answer.js";

/** Lists the objects under a prefix. Each page of the service is in order, and contains both its objects and its prefixes. */
export async function* listObjects(doing: Doing, options: ListOptions): AsyncGenerator<ListEntry, void, undefined> {
  const { signal, depth } = options;
  const { place, key: prefix } = doing;
  const request = {
    Bucket: place.bucket,
    Prefix: objectPrefix(place, prefix),
    EncodingType: "url",
    ...(depth === "children" ? { Delimiter: "/" } : {}),
  } as const;
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({ ...request, ...(token === undefined ? {} : { ContinuationToken: token }) });
    const page = await translated(doing, signal, () => place.client.send(command, signal === undefined ? {} : { abortSignal: signal }));
    await expectPage(page, doing);
    const found = [...objectsIn(page.Contents ?? [], place.prefix), ...prefixesIn(page.CommonPrefixes ?? [], place.prefix)];
    for (const entry of found.sort((a, b) => compareStoreKeys(nameOf(a), nameOf(b)))) {
      yield entry;
      signal?.throwIfAborted();
    }
    token = page.IsTruncated === true ? page.NextContinuationToken || undefined : undefined;
    // Stopping here would return an incomplete list.
    if (page.IsTruncated === true && token === undefined) throw await unavailable(doing, "ended early, without a token to continue");
  } while (token !== undefined);
}

/** Checks that an answer is a list of objects, which can be empty. @throws STORE_UNAVAILABLE */
export async function expectPage({ Name, IsTruncated, KeyCount, MaxKeys }: ListObjectsV2CommandOutput, doing: Doing): Promise<void> {
  if ([Name, IsTruncated, KeyCount, MaxKeys].every((member) => member === undefined)) throw await notS3(doing, "without a list of objects");
}

function* objectsIn(contents: readonly _Object[], prefix: string): Generator<ListEntry, void, undefined> {
  for (const { Key, Size, ETag, LastModified } of contents) {
    const key = storeKey(Key, prefix);
    if (key === undefined || !isKey(key)) continue;
    yield { kind: "object", info: { key, size: Size ?? 0, etag: etagOf(ETag), modifiedAt: wholeSeconds(LastModified) } };
  }
}

function* prefixesIn(prefixes: readonly CommonPrefix[], prefix: string): Generator<ListEntry, void, undefined> {
  for (const { Prefix } of prefixes) {
    const key = storeKey(Prefix, prefix);
    if (key?.endsWith("/") && isKey(key.slice(0, -1))) yield { kind: "prefix", prefix: key };
  }
}

/** Returns the store's key for a URL-encoded key of the bucket, or undefined if it is not text. */
function storeKey(encoded: string | undefined, prefix: string): string | undefined {
  try {
    return decodeURIComponent((encoded ?? "").replaceAll("+", " ")).slice(prefix.length);
  } catch {
    return undefined;
  }
}

/** Returns false for objects of other programs whose names are not keys, such as `a/` for a folder created by hand. */
function isKey(key: string): boolean {
  if (isOwn(key) || hasControl(key)) return false;
  try {
    checkStoreKey(storeName, key);
    return true;
  } catch (error) {
    if (isMlforgeError(error, "STORE_KEY_INVALID")) return false;
    throw error;
  }
}

function nameOf(entry: ListEntry): string {
  return entry.kind === "object" ? entry.info.key : entry.prefix;
}
