/**
 * What goes wrong with a request. `before` and `after` are before the target got the request, and after it has answered it.
 *
 * - `status`: the client gets this status, with an error as S3 writes it.
 * - `timeout`: the client never gets an answer.
 * - `reset`: the connection breaks; `midBody` in the middle of the request's body, of which the target sees half; if it has none, in the
 *   middle of the answer's body, and where that is empty instead of the answer.
 * - `truncate`: the connection ends after so many bytes of the answer's body.
 * - `slow`: bodies take their time, both ways.
 */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly code: string; readonly when: "before" | "after" }
  | { readonly kind: "timeout"; readonly when: "before" | "after" }
  | { readonly kind: "reset"; readonly when: "before" | "after" | "midBody" }
  | { readonly kind: "truncate"; readonly bytes: number }
  | { readonly kind: "slow"; readonly bytesPerSecond: number };

/** What a fault is decided by. `index` counts the requests of a proxy from 0; `target` is the request target as it was sent. */
export interface ProxyRequest {
  readonly index: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Says what goes wrong with a request, `undefined` for nothing. */
export type Decide = (request: ProxyRequest) => Fault | undefined;

/** A request and what became of it. */
export interface RecordedRequest extends ProxyRequest {
  readonly fault: Fault | undefined;
  /** What the target answered, `undefined` when it was not asked or did not answer. */
  readonly targetStatus: number | undefined;
  /** What the client was answered, `undefined` when it was not. */
  readonly status: number | undefined;
  /** Bytes of the body that came from the client. */
  readonly bytesUp: number;
  /** Bytes of the body that went to the client. */
  readonly bytesDown: number;
}
