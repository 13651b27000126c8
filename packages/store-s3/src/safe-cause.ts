import { faultOf } from "./s3-fault.js";

/**
 * What may be kept of an error of the SDK as the cause of another. The error itself has all that the service repeats of the request,
 * which for a wrong signature is the access key, the signature and what was signed, and whoever prints an error prints its cause.
 */
export function safeCause(error: unknown): Error | undefined {
  const fault = faultOf(error);
  if (fault === undefined) return undefined;
  const { name, message, status, systemCode: code, requestId } = fault;
  const told = Object.entries({ name, code, status, requestId }).filter(([, value]) => value !== undefined);
  return Object.assign(new Error(message), Object.fromEntries(told));
}
