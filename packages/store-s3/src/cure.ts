import { checkEndpoint } from "./no-answer.js";
import { isNotS3, type S3Fault } from "./s3-fault.js";

/** Advice about a request that failed. */
export interface Cure {
  readonly advice: string;
  /** True if trying again at once is useless. */
  readonly gaveUp: boolean;
  /** True if the request cannot have changed anything. */
  readonly refused: boolean;
}

/** OpenSSL's codes for certificates whose authority this machine does not know. */
const untrusted: readonly string[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
];
const wrongCertificate: readonly string[] = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "ERR_TLS_CERT_ALTNAME_INVALID"];
/** Codes with which services refuse the checksums that the SDK has sent since 2025. */
const checksums: readonly string[] = [
  "BadDigest",
  "InvalidDigest",
  "IncompleteBody",
  "MissingContentLength",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
];

/** Says what to do about a fault. Returns undefined if it may pass. */
export function cureOf(fault: S3Fault): Cure | undefined {
  const { systemCode = "", name, advice, gaveUp } = fault;
  if (untrusted.includes(systemCode)) {
    const trust = "this machine does not trust its certificate; set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority";
    return { advice: trust, gaveUp: true, refused: true };
  }
  if (wrongCertificate.includes(systemCode))
    return { advice: "renew its certificate, or fix the endpoint of the store", gaveUp: true, refused: true };
  if (systemCode === "EPROTO")
    return { advice: `it does not speak TLS: ${checkEndpoint}, which may need http://`, gaveUp: true, refused: true };
  if (systemCode.startsWith("HPE_")) return { advice: `it does not speak HTTP: ${checkEndpoint}`, gaveUp: true, refused: true };
  if (isNotS3(fault)) return { advice: checkEndpoint, gaveUp: true, refused: true };
  if (checksums.includes(name)) return { advice: `try again, or ${checksumAdvice}`, gaveUp: false, refused: false };
  return advice === undefined ? undefined : { advice, gaveUp, refused: advice === checkEndpoint };
}

/** Advice for services, such as rclone and older gateways, that do not know the newer checksums. */
export const checksumAdvice =
  "if the service does not know the newer checksums of S3, set AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED and AWS_RESPONSE_CHECKSUM_VALIDATION=WHEN_REQUIRED";
