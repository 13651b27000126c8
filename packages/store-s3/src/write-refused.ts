import { MlforgeError } from "@mlforge/spec";
import { storeName } from "./bucket-location.js";
import { hostOf } from "./host.js";
import type { Doing } from "./s3-error.js";
import { safeCause } from "./safe-cause.js";

/** Makes the error for a service that fails the test of conditions. `seen` continues "it". */
export async function refused({ operation, place }: Doing, seen: string, cause?: unknown): Promise<MlforgeError> {
  const host = await hostOf(place.client);
  const [capability, kind, advice] =
    operation === "copy"
      ? ["copy: conditions", "conditional copies", "Copy without a condition, or read the object and put it"]
      : [
          "conditionalPut",
          "conditional writes, which keep two builds from publishing over each other",
          "Use a service that supports If-None-Match and If-Match, or set `singleWriter: true` on the store if only one process ever writes",
        ];
  const message = `${host} does not support ${kind}: it ${seen}. ${advice}`;
  return new MlforgeError("CAPABILITY_MISSING", message, { plugin: storeName, capability }, { cause: safeCause(cause) });
}
