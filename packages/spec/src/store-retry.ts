/**
 * The name of the channel of `node:diagnostics_channel` on which stores and mlforge tell that they try again. `mlforge` shows these messages on the terminal.
 *
 * @example
 * subscribe(storeRetryChannel, (message) => console.error(message));
 */
export const storeRetryChannel = "mlforge:store:retry";

/** The message of {@link storeRetryChannel}. */
export interface StoreRetry {
  /** The name of the store, such as `s3`. */
  readonly store: string;
  /** The failure, in one line. Contains no secret. */
  readonly problem: string;
}
