/**
 * A fault of a request. `before` means before the target gets the request, `after` means after it has answered.
 *
 * - `status`: the client gets this status, with an error in the XML of S3.
 * - `timeout`: the client never gets an answer.
 * - `reset`: the connection breaks. With `midBody`, it breaks in the middle of the request's body, and the target gets half. If the request has no body, it
 *   breaks in the middle of the answer's body, or, if that is empty, instead of the answer.
 * - `truncate`: the connection ends after this many bytes of the answer's body.
 * - `slow`: bodies are slow in both directions.
 */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly code: string; readonly when: "before" | "after" }
  | { readonly kind: "timeout"; readonly when: "before" | "after" }
  | { readonly kind: "reset"; readonly when: "before" | "after" | "midBody" }
  | { readonly kind: "truncate"; readonly bytes: number }
  | { readonly kind: "slow"; readonly bytesPerSecond: number };

/** The request to decide about. `index` counts the requests of a proxy from 0. `target` is the request target as sent. */
export interface ProxyRequest {
  readonly index: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Returns the fault of a request, or `undefined` for none. */
export type Decide = (request: ProxyRequest) => Fault | undefined;

/** A request and its result. */
export interface RecordedRequest extends ProxyRequest {
  readonly fault: Fault | undefined;
  /** The status that the target answered, or `undefined` if it was not asked or did not answer. */
  readonly targetStatus: number | undefined;
  /** The status that the client got, or `undefined` if it got no answer. */
  readonly status: number | undefined;
  /** The number of body bytes that came from the client. */
  readonly bytesUp: number;
  /** The number of body bytes that went to the client. */
  readonly bytesDown: number;
}
