import type { Store, StoreCapabilities } from "@mlforge/spec";

/** The part of a test runner that the suite needs. vitest, node:test, and bun have it. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

export interface StoreTestContext {
  /** The capabilities that the store declares. They decide which tests run. */
  readonly capabilities: StoreCapabilities;
  /** Opens a new, empty store that shares nothing with earlier ones. The suite disposes of it. */
  open(): Promise<Store>;
}

/** Creates one test of the suite: `law` is its name, and `body` gets a new, empty store. */
export type Law = (law: string, body: (store: Store) => Promise<void>) => void;
