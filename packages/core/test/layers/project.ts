import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, Store } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { Definitions, feature, source, t } from "../../src/index.js";

/** A folder with payments, three features over them that form a diamond, and a store. */
export class Layers implements AsyncDisposable {
  readonly folder: string;
  readonly store: Store;

  private constructor(folder: string, store: Store | undefined) {
    this.folder = folder;
    this.store = store ?? new LocalStore(join(folder, "store"));
  }

  static async create(store?: Store): Promise<Layers> {
    const layers = new Layers(await mkdtemp(join(tmpdir(), "mlforge-layers-")), store);
    await layers.write();
    return layers;
  }

  /** Writes the payments: 10 on the first day, 20 on the third, and those of `more`. */
  write(...more: readonly string[]): Promise<void> {
    const rows = ["a,2024-01-01T06:00:00Z,10", "a,2024-01-03T06:00:00Z,20", "b,2024-01-02T06:00:00Z,5", ...more];
    return writeFile(join(this.folder, "payments.csv"), `${["user,at,amount", ...rows].join("\n")}\n`);
  }

  /** `daily` sums each day, `largest` and `doubled` read it, and `both` reads these two. */
  features({ factor = 2 } = {}) {
    const columns = { user: t.string({ nullable: false }), at: t.timestamp({ nullable: false }), amount: t.int64() };
    const payments = source({ path: join(this.folder, "payments.csv"), columns, timestamp: "at" });
    const keys = ["user"] as const;
    const daily = feature({
      name: "daily",
      source: payments,
      keys,
      transform: (rows) =>
        rows
          .rolling({ keys: ["user"], every: "1d", windows: ["1d"], aggregate: ({ amount }) => ({ spent: amount.sum() }) })
          .select("user", "at", { amount: "spent_1d" }),
    });
    const largest = feature({
      name: "largest",
      source: daily,
      keys,
      transform: (rows) =>
        rows.rolling({ keys: ["user"], every: "1d", windows: ["30d"], aggregate: ({ amount }) => ({ largest: amount.max() }) }),
    });
    const doubled = feature({
      name: "doubled",
      source: daily,
      keys,
      transform: (rows) => rows.derive(({ amount }) => ({ amount: amount.times(factor) })),
    });
    const both = feature({
      name: "both",
      source: doubled,
      keys,
      transform: (rows, from) =>
        rows
          .asOfJoin(from(largest).select("user", { seen: "at" }, "largest_30d"), { on: "user" })
          .select("user", "at", "amount", "largest_30d"),
    });
    return { daily, largest, doubled, both };
  }

  definitions(engine: Engine, options: Parameters<Layers["features"]>[0] = {}) {
    const { daily, largest, doubled, both } = this.features(options);
    // The order must not matter.
    return new Definitions({ name: "layers", features: [both, doubled, largest, daily], offlineStore: this.store, engine });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
