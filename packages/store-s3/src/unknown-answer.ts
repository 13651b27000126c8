import { MlforgeError } from "@mlforge/spec";
import { storeName, urlOf } from "./bucket-location.js";
import { checksumAdvice, cureOf } from "./cure.js";
import { hostOf } from "./host.js";
import { checkEndpoint, NoAnswer } from "./no-answer.js";
import type { Doing } from "./s3-error.js";
import { faultOf, isNotS3, type S3Fault } from "./s3-fault.js";
import { safeCause } from "./safe-cause.js";

const refusedOptions: Readonly<Record<string, string>> = {
  InvalidBucketName: "bucket",
  InvalidStorageClass: "storageClass",
  InvalidEncryptionAlgorithmError: "sse",
  "KMS.NotFoundException": "sse",
  "KMS.DisabledException": "sse",
  "KMS.KMSInvalidStateException": "sse",
};
const full: readonly string[] = ["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "TooManyObjects"];
const passing: readonly string[] = [
  "RequestTimeout",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "BadDigest",
  "IncompleteBody",
  "OperationAborted",
  "ConditionalRequestConflict",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
];

/** Converts errors that concern neither the bucket nor permissions: network problems, and refused requests. */
export async function unknownAnswer(error: unknown, fault: S3Fault, doing: Doing): Promise<MlforgeError> {
  const { operation, key, place } = doing;
  const { name, status } = fault;
  const [store, options] = [storeName, { cause: safeCause(error) }];
  const words = `${name}: ${fault.message}`;
  if (fault.isNoAnswer) return unavailable(doing, fault.message, error);
  const refused = status !== undefined && status >= 400 && status < 500 && ![408, 409, 412, 429].includes(status);
  const argument = refusedOptions[name];
  if (argument !== undefined) {
    return new MlforgeError("USAGE_INVALID", `the service refuses the option ${argument} (${words}); fix it`, { argument }, options);
  }
  if (full.includes(name) || status === 507) {
    return new MlforgeError("STORE_FULL", `no space left for ${urlOf(place, key)} (${words}); free space`, { store, key }, options);
  }
  if (name === "KeyTooLongError") {
    return new MlforgeError(
      "STORE_KEY_INVALID",
      `${urlOf(place, key)} is too long for the service; use a shorter key`,
      { store, key },
      options,
    );
  }
  if (status === 501 || name === "NotImplemented") {
    const message = `${await hostOf(place.client)} does not support what ${operation} needs (${words}); remove the option that requires it, or use another service; ${checksumAdvice}`;
    return new MlforgeError("CAPABILITY_MISSING", message, { plugin: store, capability: operation }, options);
  }
  if (isNotS3(fault)) return unavailable(doing, `answered with status ${status}, but not as S3 does`, error);
  if (refused && !passing.includes(name)) {
    const cure = `check the options of the store and what the service supports${operation === "put" ? `; ${checksumAdvice}` : ""}`;
    const message = `${await hostOf(place.client)} refused to ${operation} ${urlOf(place, key)} (${status} ${words}); ${cure}`;
    return new MlforgeError("STORE_UNAVAILABLE", message, { store, operation, gaveUp: true }, options);
  }
  return unavailable(doing, `failed: ${words}`, error);
}

/** Makes the error for an answer that S3 does not give. `what` continues "answered". */
export async function notS3(doing: Doing, what: string): Promise<MlforgeError> {
  const cause = new NoAnswer(`answered ${what}, so it is not S3`, { advice: checkEndpoint, gaveUp: true });
  return unavailable(doing, cause.message, cause);
}

/** Makes the error. `what` continues "put of s3://bucket/key at host". */
export async function unavailable({ operation, key, place }: Doing, what: string, cause?: unknown): Promise<MlforgeError> {
  const fault = faultOf(cause);
  const cure = fault === undefined ? undefined : cureOf(fault);
  const unsure = (operation === "put" || operation === "copy" || operation === "delete") && cure?.refused !== true;
  const message = `${operation} of ${urlOf(place, key)} at ${await hostOf(place.client)} ${what}${unsure ? "; it may or may not have happened" : ""}; ${cure?.advice ?? "try again"}`;
  const details = { store: storeName, operation, ...(cure?.gaveUp === true ? { gaveUp: true as const } : {}) };
  return new MlforgeError("STORE_UNAVAILABLE", message, details, { cause: safeCause(cause) });
}
