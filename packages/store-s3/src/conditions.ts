import type { PutCondition } from "@mlforge/spec";
import { MlforgeError } from "@mlforge/spec";
import pRetry from "p-retry";
import { storeName, urlOf } from "./bucket-location.js";
import { isEtag } from "./etag.js";
import { headObject } from "./read-object.js";
import type { Doing } from "./s3-error.js";
import { faultOf, isMissingKey, type S3Fault } from "./s3-fault.js";
import { safeCause } from "./safe-cause.js";
import { unavailable } from "./unknown-answer.js";
import type { WriteSupport } from "./write-support.js";

/** Sends one request that writes an object, with the headers of its condition. Returns the ETag. */
type SendPut = (headers: { readonly IfNoneMatch?: string; readonly IfMatch?: string }) => Promise<string | undefined>;

/** Sends a put if its condition holds. @throws STORE_CONFLICT if it does not, STORE_UNAVAILABLE if an earlier request could have succeeded */
export type PutIf = (doing: Doing, condition: PutCondition, signal: AbortSignal | undefined, send: SendPut) => Promise<string | undefined>;

const repeats = 5;

/** Conditions checked by the service, after a test that it does. */
export function serviceConditions(prove: (signal: AbortSignal | undefined) => Promise<WriteSupport>): PutIf {
  return async (doing, condition, signal, send) => {
    const { etagQuoting } = await prove(signal);
    const headers = headersOf(condition, etagQuoting);
    if (headers === undefined) throw conflict(doing, condition);
    let repeated = false;
    const attempt = async (): Promise<string | undefined> => {
      try {
        return await send(headers);
      } catch (error) {
        const fault = faultOf(error);
        repeated ||= (fault?.attempts ?? 1) > 1;
        if (fault !== undefined && isUnmet(fault, error, condition)) {
          // The first request could have won, with its answer lost.
          if (repeated) throw await unavailable(doing, "was repeated, and then its condition did not hold", error);
          throw conflict(doing, condition, error);
        }
        throw error;
      }
    };
    return pRetry(attempt, {
      retries: repeats,
      minTimeout: 20,
      maxTimeout: 500,
      randomize: true,
      ...(signal === undefined ? {} : { signal }),
      // Another process wrote the key at the same time, and the service did not decide.
      shouldRetry: ({ error }) => faultOf(error)?.status === 409,
    });
  };
}

/** Conditions checked by this process, which must be the only writer. Calls for the same key wait for each other. */
export const heldByThisProcess: PutIf = async (doing, condition, signal, send) => {
  const found = await headObject({ ...doing, operation: "head" }, { signal }).then(
    ({ etag }) => etag,
    (error: unknown) => {
      if (error instanceof MlforgeError && error.code === "STORE_NOT_FOUND") return undefined;
      throw error;
    },
  );
  if (found !== (condition.kind === "ifMatch" ? condition.etag : undefined)) throw conflict(doing, condition);
  return send({});
};

/** Returns the headers of a condition, or undefined for an etag that no object can have, because it could mean something else in a header. */
function headersOf(condition: PutCondition, quoting: WriteSupport["etagQuoting"]): Parameters<SendPut>[0] | undefined {
  if (condition.kind === "ifAbsent") return { IfNoneMatch: "*" };
  if (!isEtag(condition.etag)) return undefined;
  return { IfMatch: quoting === "quoted" ? `"${condition.etag}"` : condition.etag };
}

function isUnmet({ status }: S3Fault, error: unknown, condition: PutCondition): boolean {
  return status === 412 || status === 304 || (condition.kind === "ifMatch" && isMissingKey(error));
}

/** Makes the error for a condition that does not hold. */
export function conflict({ key, place }: Doing, condition: PutCondition, cause?: unknown): MlforgeError {
  const found = condition.kind === "ifAbsent" ? "exists already" : `does not exist with the etag ${JSON.stringify(condition.etag)}`;
  const message = `${urlOf(place, key)} ${found}; read it again and decide again`;
  return new MlforgeError("STORE_CONFLICT", message, { store: storeName, key }, { cause: safeCause(cause) });
}
