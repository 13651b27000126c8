import { faultOf } from "./s3-fault.js";

/**
 * Makes a cause for an error that contains no secret. The SDK's own error repeats the request: for a wrong signature, that is the access key,
 * the signature, and what was signed. Printing an error prints its cause.
 */
export function safeCause(error: unknown): Error | undefined {
  const fault = faultOf(error);
  if (fault === undefined) return undefined;
  const { name, message, status, systemCode: code, requestId } = fault;
  const told = Object.entries({ name, code, status, requestId }).filter(([, value]) => value !== undefined);
  return Object.assign(new Error(message), Object.fromEntries(told));
}
