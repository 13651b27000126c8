import { NoAnswer } from "./no-answer.js";

/** An error of the AWS SDK or of Node, parsed defensively because servers answer all kinds of things. */
export interface S3Fault {
  /** The service's own code, or the name of the error: `NoSuchKey`, `TimeoutError`. */
  readonly name: string;
  /** The service's own code. Undefined if the answer is not an error as S3 writes it. */
  readonly code: string | undefined;
  /** The service's own words, unless they repeat what was signed or who signed it. */
  readonly message: string;
  /** The status of the answer, if there was one. */
  readonly status: number | undefined;
  /** The number of requests sent, including repeated ones. */
  readonly attempts: number;
  /** The region of the bucket, if the service reported it. */
  readonly bucketRegion: string | undefined;
  /** The code of a system error: `ECONNRESET`. */
  readonly systemCode: string | undefined;
  /** The id of the request at the service. */
  readonly requestId: string | undefined;
  /** True for an error that this store made itself, in plain words. */
  readonly isNoAnswer: boolean;
  /** Advice to the user, if that is not to try again. */
  readonly advice: string | undefined;
  /** True if trying again at once is useless. */
  readonly gaveUp: boolean;
}

/** Codes of errors in which services repeat what was sent to them. */
const repeating = [
  "AWSAccessKeyId",
  "AccessKeyId",
  "SignatureProvided",
  "StringToSign",
  "StringToSignBytes",
  "CanonicalRequest",
  "CanonicalRequestBytes",
  "Token-0",
] as const;
const signing = /AWS4-|(?:Signature|Credential|Security-Token|AWSAccessKeyId)=|\b(?:AKIA|ASIA)[A-Z0-9]{12,}/i;

/** Parses an error. Returns undefined for a value that is not an error. */
export function faultOf(error: unknown): S3Fault | undefined {
  if (!(error instanceof Error)) return undefined;
  const metadata = record(field(error, "$metadata"));
  const headers = record(field(record(field(error, "$response")), "headers"));
  const attempts = field(metadata, "attempts");
  const status = field(metadata, "httpStatusCode");
  const code = text(field(error, "Code"));
  return {
    name: code ?? error.name,
    code,
    message: isTelling(error) ? "details omitted, because the service repeats what was signed" : error.message,
    status: typeof status === "number" ? status : undefined,
    attempts: typeof attempts === "number" ? attempts : 1,
    bucketRegion: text(field(headers, "x-amz-bucket-region")) ?? text(field(error, "Region")),
    systemCode: text(field(error, "code")),
    requestId: text(field(metadata, "requestId")) ?? text(field(error, "RequestId")),
    isNoAnswer: error instanceof NoAnswer,
    advice: error instanceof NoAnswer ? error.advice : undefined,
    gaveUp: error instanceof NoAnswer && error.gaveUp,
  };
}

/** Returns true if what answered cannot be S3, whose errors have a code, and which answers with XML. */
export function isNotS3({ status, code, isNoAnswer }: S3Fault): boolean {
  return (
    !isNoAnswer &&
    code === undefined &&
    status !== undefined &&
    (status < 300 || (status >= 400 && status < 500 && ![408, 412, 429].includes(status)))
  );
}

/** Returns true if the service answered that the object does not exist. A missing bucket does not count. */
export function isMissingKey(error: unknown): boolean {
  const fault = faultOf(error);
  return (
    fault !== undefined &&
    (fault.name === "NoSuchKey" || (fault.status === 404 && fault.code !== undefined && fault.code !== "NoSuchBucket"))
  );
}

/** Returns true if the service refused because a permission is missing. */
export function isDenied(error: unknown): boolean {
  const fault = faultOf(error);
  return fault?.status === 403 && ["AccessDenied", "AllAccessDisabled", "Forbidden", "403", "UnknownError", "Unknown"].includes(fault.name);
}

function isTelling(error: Error): boolean {
  const repeated = repeating.flatMap((name) => text(field(error, name)) ?? []);
  return signing.test(error.message) || repeated.some((secret) => error.message.includes(secret));
}

function record(value: unknown): object | undefined {
  return typeof value === "object" && value !== null ? value : undefined;
}

function field(value: object | undefined, name: string): unknown {
  return value === undefined ? undefined : Reflect.get(value, name);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
