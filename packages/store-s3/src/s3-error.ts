import { MlforgeError } from "@mlforge/spec";
import { type BucketLocation, storeName, urlOf } from "./bucket-location.js";
import { hostOf, regionOf } from "./host.js";
import { faultOf, isDenied, type S3Fault } from "./s3-fault.js";
import { safeCause } from "./safe-cause.js";
import { unknownAnswer } from "./unknown-answer.js";

/** The operation and its key, for error messages. */
export interface Doing {
  readonly operation: "head" | "get" | "put" | "copy" | "delete" | "list";
  /** The key within the store, without its prefix. For a list, a prefix. */
  readonly key: string;
  readonly place: BucketLocation;
}

const actions = {
  head: "s3:GetObject",
  get: "s3:GetObject",
  put: "s3:PutObject",
  copy: "s3:PutObject",
  delete: "s3:DeleteObject",
  list: "s3:ListBucket",
} as const;

const credentialProblems: Readonly<Record<string, "missing" | "expired" | "unknown" | "wrong_secret">> = {
  CredentialsProviderError: "missing",
  TokenProviderError: "missing",
  ExpiredToken: "expired",
  ExpiredTokenException: "expired",
  TokenRefreshRequired: "expired",
  InvalidAccessKeyId: "unknown",
  InvalidToken: "unknown",
  InvalidClientTokenId: "unknown",
  UnrecognizedClientException: "unknown",
  SignatureDoesNotMatch: "wrong_secret",
};

const advice = {
  missing: "no AWS credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or log in",
  expired: "the AWS credentials have expired; log in again, or get new ones",
  unknown:
    "the service does not know these AWS credentials; check the access key and the session token, and that they belong to this service",
  wrong_secret: "the secret access key does not belong to the access key; check AWS_SECRET_ACCESS_KEY",
} as const;

const elsewhere: readonly string[] = [
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
];
const tooFarApart: readonly string[] = ["RequestTimeTooSkewed", "RequestExpired"];

/** Converts an error of the SDK or the network to the MlforgeError that says what it means. Returns any other value unchanged. */
export async function s3Error(error: unknown, doing: Doing): Promise<unknown> {
  const fault = faultOf(error);
  if (error instanceof MlforgeError || fault === undefined) return error;
  // These are mistakes of the caller, such as a file that does not exist.
  const answered = fault.status !== undefined || fault.systemCode !== undefined;
  if (!answered && (error instanceof TypeError || error instanceof RangeError)) return error;
  const { operation, key, place } = doing;
  const { bucket } = place;
  const [store, options] = [storeName, { cause: safeCause(error) }];
  if (fault.name === "NoSuchBucket") {
    const message = `Bucket '${bucket}' does not exist or is not accessible. Ensure the bucket is created and credentials have appropriate permissions.`;
    return new MlforgeError("BUCKET_NOT_FOUND", message, { store, bucket }, options);
  }
  const problem = credentialProblem(fault);
  if (problem !== undefined) return new MlforgeError("CREDENTIALS_INVALID", `${advice[problem]}`, { store, problem }, options);
  if (tooFarApart.includes(fault.name)) {
    const message = `the clock of this machine differs too much from that of ${await hostOf(place.client)}, which refuses to answer; set the clock`;
    return new MlforgeError("CLOCK_SKEWED", message, { store }, options);
  }
  if (elsewhere.includes(fault.name) || fault.status === 301) return regionWrong(error, fault, doing);
  if (/^Region is missing/.test(fault.message)) {
    const message = "no region is configured; set the option region of the store, or AWS_REGION";
    return new MlforgeError("USAGE_INVALID", message, { argument: "region" }, options);
  }
  if (isDenied(error)) return denied(error, fault, doing);
  if (fault.name === "InvalidObjectState") {
    const message = `${urlOf(place, key)} is archived (a Glacier storage class); restore it before reading it`;
    return new MlforgeError("STORE_ACCESS_DENIED", message, { store, operation, key }, options);
  }
  return unknownAnswer(error, fault, doing);
}

/** Runs a call and converts its errors. An abort rejects with the signal's reason. */
export async function translated<T>(doing: Doing, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await call();
  } catch (error) {
    signal?.throwIfAborted();
    throw await s3Error(error, doing);
  }
}

function credentialProblem({ name, message }: S3Fault): keyof typeof advice | undefined {
  const problem = credentialProblems[name];
  return problem === "missing" && /expired|refresh/i.test(message) ? "expired" : problem;
}

async function regionWrong(error: unknown, fault: S3Fault, { place: { client, bucket } }: Doing): Promise<MlforgeError> {
  const [region, actual] = [(await regionOf(client)) ?? "unknown", fault.bucketRegion];
  const where = actual === undefined ? "another one" : actual;
  const cure =
    actual === undefined ? "look it up and set it as the region of the store" : `set the region of the store to ${JSON.stringify(actual)}`;
  const message = `the bucket ${bucket} is not in the region ${region} but in ${where}; ${cure}`;
  return new MlforgeError("BUCKET_REGION_WRONG", message, { store: storeName, bucket, region, actual }, { cause: safeCause(error) });
}

function denied(error: unknown, fault: S3Fault, { operation, key, place }: Doing): MlforgeError {
  // An upload in parts can need more than s3:PutObject, and an encrypted object needs its key. AWS says which action it refused.
  const action = /\b(?:kms|s3):[A-Z]\w+/.exec(fault.message)?.[0] ?? actions[operation];
  const on = action.startsWith("kms:") ? `the key of ${urlOf(place, key)}` : urlOf(place, key);
  const message = `these credentials cannot ${operation} ${urlOf(place, key)}; grant ${action} on ${on}`;
  return new MlforgeError("STORE_ACCESS_DENIED", message, { store: storeName, operation, key, action }, { cause: safeCause(error) });
}
