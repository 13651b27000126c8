import type { Store } from "@mlforge/spec";
import { interceptStore, type StoreOperation } from "./intercept-store.js";

/** A call on a store and how it went. */
export interface RecordedOperation extends StoreOperation {
  /** `pending` also for a call that failed, and for a `list` that was left early. */
  readonly outcome: "pending" | "done";
  /** How many bytes a `put` stored or a `get` offered; 0 for the others. */
  readonly bytes: number;
}

export interface Recording {
  readonly store: Store;
  /** Every call so far, in the order of their beginning. */
  readonly operations: readonly RecordedOperation[];
}

/** A store that keeps a record of every call: for counting requests and bytes. */
export function recordingStore(inner: Store): Recording {
  const operations: RecordedOperation[] = [];
  const store = interceptStore(inner, (moment) => {
    const { operation } = moment;
    operations[operation.index] =
      moment.phase === "before" ? { ...operation, outcome: "pending", bytes: 0 } : { ...operation, outcome: "done", bytes: moment.bytes };
  });
  return { store, operations };
}
