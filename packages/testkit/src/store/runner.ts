import type { Store, StoreCapabilities } from "@mlforge/spec";

/** What the suite needs of a test runner; vitest, node:test and bun all fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

export interface StoreTestContext {
  /** What the store declares of itself. It decides which tests are made. */
  readonly capabilities: StoreCapabilities;
  /** A new, empty store that shares nothing with the ones opened before. The suite disposes of it. */
  open(): Promise<Store>;
}

/** Makes one test of the suite: `law` is its name, and `body` gets a new, empty store. */
export type Law = (law: string, body: (store: Store) => Promise<void>) => void;
