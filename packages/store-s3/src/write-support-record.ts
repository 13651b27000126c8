import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type BucketLocation, ownFolder } from "./bucket-location.js";
import { hostOf } from "./host.js";
import type { PutSettings } from "./put-settings.js";
import { translated } from "./s3-error.js";
import { isDenied, isMissingKey } from "./s3-fault.js";
import type { WriteSupport } from "./write-support.js";

const key = `${ownFolder}conditional-writes.json`;
/** The races of the test. A record of an earlier test, which raced less, does not count. */
const raced = "If-None-Match and If-Match";

/** Reads what an earlier process proved about this service. Returns undefined if there is no record, it is about another service, or it cannot be read. */
export async function readWriteSupport(place: BucketLocation): Promise<WriteSupport | undefined> {
  return translated({ operation: "get", key, place }, undefined, async () => {
    try {
      const answer = await place.client.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.prefix + key }));
      return proofIn((await answer.Body?.transformToString()) ?? "", await hostOf(place.client));
    } catch (error) {
      if (isMissingKey(error) || isDenied(error)) return undefined;
      throw error;
    }
  });
}

/** Records the support, so that later processes can skip it. If this fails, they just repeat it. */
export async function writeWriteSupport(
  place: BucketLocation,
  { etagQuoting }: WriteSupport,
  headers: PutSettings["headers"],
): Promise<void> {
  const record = { endpoint: await hostOf(place.client), provedAt: new Date().toISOString(), etagQuoting, raced };
  const input = { Bucket: place.bucket, Key: place.prefix + key, Body: `${JSON.stringify(record)}\n`, ContentType: "application/json" };
  await place.client.send(new PutObjectCommand({ ...input, ...headers })).catch(() => undefined);
}

function proofIn(text: string, host: string): WriteSupport | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof record !== "object" || record === null || !("endpoint" in record) || !("etagQuoting" in record)) return undefined;
  if (!("raced" in record) || record.raced !== raced) return undefined;
  const { endpoint, etagQuoting } = record;
  if (endpoint !== host || (etagQuoting !== "quoted" && etagQuoting !== "unquoted")) return undefined;
  return { etagQuoting, complete: true };
}
