import type { Store } from "@mlforge/spec";
import { interceptStore, type StoreOperation } from "./intercept-store.js";

/** A call on a store and its outcome. */
export interface RecordedOperation extends StoreOperation {
  /** `pending` also for calls that failed, and for a `list` that was stopped early. */
  readonly outcome: "pending" | "done";
  /** The number of bytes that a `put` stored or a `get` offered, and 0 for other calls. */
  readonly bytes: number;
}

export interface Recording {
  readonly store: Store;
  /** Every call so far, in the order in which they began. */
  readonly operations: readonly RecordedOperation[];
}

/** Wraps a store and records every call, to count requests and bytes. */
export function recordingStore(inner: Store): Recording {
  const operations: RecordedOperation[] = [];
  const store = interceptStore(inner, (event) => {
    const { operation } = event;
    operations[operation.index] =
      event.phase === "before" ? { ...operation, outcome: "pending", bytes: 0 } : { ...operation, outcome: "done", bytes: event.bytes };
  });
  return { store, operations };
}
