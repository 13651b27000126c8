import type { CallOptions, Leftover, PermissionCheck, Remote, StagingFolder, Store, StoreCapabilities } from "@mlforge/spec";

/** Takes over from the store inside everything that concerns no key. Disposing of it disposes of the store inside. */
export abstract class WrappedStore {
  readonly specVersion = 1;
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly remote?: Remote;
  readonly stage?: () => Promise<StagingFolder>;
  readonly diagnose?: (options?: CallOptions) => Promise<readonly PermissionCheck[]>;
  readonly clock?: (options?: CallOptions) => Promise<Date>;
  readonly checkConditionalPut?: (options?: CallOptions) => Promise<void>;
  readonly leftovers?: (options?: CallOptions) => Promise<readonly Leftover[]>;
  protected readonly inner: Store;

  constructor(inner: Store) {
    this.name = inner.name;
    this.capabilities = inner.capabilities;
    if (inner.remote !== undefined) this.remote = inner.remote;
    if (inner.stage !== undefined) this.stage = inner.stage.bind(inner);
    if (inner.diagnose !== undefined) this.diagnose = inner.diagnose.bind(inner);
    if (inner.clock !== undefined) this.clock = inner.clock.bind(inner);
    if (inner.checkConditionalPut !== undefined) this.checkConditionalPut = inner.checkConditionalPut.bind(inner);
    if (inner.leftovers !== undefined) this.leftovers = inner.leftovers.bind(inner);
    this.inner = inner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.inner[Symbol.asyncDispose]();
  }
}
