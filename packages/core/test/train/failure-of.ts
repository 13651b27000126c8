import { type ErrorCode, isMlforgeError, type MlforgeError } from "@mlforge/spec";

/** The error of this code that a promise rejects with. Its message must hold every part. */
export async function failureOf<C extends ErrorCode>(
  promise: Promise<unknown>,
  code: C,
  ...parts: readonly string[]
): Promise<{ [K in C]: MlforgeError<K> }[C]> {
  const error: unknown = await promise.then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  if (!isMlforgeError(error, code)) throw error;
  for (const part of parts) if (!error.message.includes(part)) throw new Error(`no ${JSON.stringify(part)} in: ${error.message}`);
  return error;
}
