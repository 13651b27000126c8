import { channel } from "node:diagnostics_channel";
import type { S3Client } from "@aws-sdk/client-s3";
import { type StoreRetry, storeRetryChannel } from "@mlforge/spec";
import { storeName } from "./bucket-location.js";
import { hostOf } from "./host.js";
import { faultOf } from "./s3-fault.js";

const retries = channel(storeRetryChannel);

/** Tells whoever listens that the SDK repeats a request. */
export async function showRetry(client: S3Client, error: unknown): Promise<void> {
  if (!retries.hasSubscribers) return;
  const retry: StoreRetry = { store: storeName, problem: `${await hostOf(client)} ${problemOf(error)}` };
  retries.publish(retry);
}

/** Says what happened, to continue the name of a host. */
function problemOf(error: unknown): string {
  const fault = faultOf(error);
  if (fault === undefined) return "failed";
  return fault.isNoAnswer ? fault.message : `failed: ${fault.name}: ${fault.message}`;
}
