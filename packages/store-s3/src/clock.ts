import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { BucketLocation } from "./bucket-location.js";
import { translated } from "./s3-error.js";
import { unavailable } from "./unknown-answer.js";

/** Returns the time of the service. Every answer contains it, even a refusal. */
export async function serviceClock(place: BucketLocation, signal?: AbortSignal): Promise<Date> {
  const doing = { operation: "list", key: "", place } as const;
  let told: string | undefined;
  const command = new ListObjectsV2Command({ Bucket: place.bucket, Prefix: place.prefix, MaxKeys: 1 });
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      told = dateIn(result.response) ?? told;
      return result;
    },
    // This runs before the middleware that turns refusals into errors.
    { name: "mlforgeClock", step: "deserialize", priority: "low" },
  );
  await translated(doing, signal, async () => {
    try {
      await place.client.send(command, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      if (told === undefined || signal?.aborted === true) throw error;
    }
  });
  const at = new Date(told ?? "");
  if (Number.isNaN(at.getTime())) throw await unavailable(doing, "did not report the time");
  return at;
}

function dateIn(response: unknown): string | undefined {
  if (typeof response !== "object" || response === null || !("headers" in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== "object" || headers === null || !("date" in headers)) return undefined;
  return typeof headers.date === "string" ? headers.date : undefined;
}
