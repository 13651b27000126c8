/** What there is to know of an error of the AWS SDK or of Node, read with care: servers answer all kinds of things. */
export interface S3Fault {
  /** The service's own code, or the name of the error: `NoSuchKey`, `TimeoutError`. */
  readonly name: string;
  /** In the service's own words, unless they repeat what was signed or who signed it. */
  readonly message: string;
  /** Of the answer, if there was one. */
  readonly status: number | undefined;
  /** Requests that were sent, repeated ones included. */
  readonly attempts: number;
  /** The region of the bucket, if the service told. */
  readonly bucketRegion: string | undefined;
  /** Of a system error: `ECONNRESET`. */
  readonly systemCode: string | undefined;
  /** By which the service finds the request. */
  readonly requestId: string | undefined;
}

/** Where services repeat what was sent to them. */
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

/** Undefined for what is no error. */
export function faultOf(error: unknown): S3Fault | undefined {
  if (!(error instanceof Error)) return undefined;
  const metadata = record(field(error, "$metadata"));
  const headers = record(field(record(field(error, "$response")), "headers"));
  const attempts = field(metadata, "attempts");
  const status = field(metadata, "httpStatusCode");
  return {
    name: text(field(error, "Code")) ?? error.name,
    message: isTelling(error) ? "the service repeats what was signed, which is left out here" : error.message,
    status: typeof status === "number" ? status : undefined,
    attempts: typeof attempts === "number" ? attempts : 1,
    bucketRegion: text(field(headers, "x-amz-bucket-region")) ?? text(field(error, "Region")),
    systemCode: text(field(error, "code")),
    requestId: text(field(metadata, "requestId")) ?? text(field(error, "RequestId")),
  };
}

/** Whether the service answered that there is no such object; a missing bucket is another matter. */
export function isMissingKey(error: unknown): boolean {
  const fault = faultOf(error);
  return fault !== undefined && (fault.name === "NoSuchKey" || (fault.status === 404 && fault.name !== "NoSuchBucket"));
}

/** Whether the service refused for want of a permission. */
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
