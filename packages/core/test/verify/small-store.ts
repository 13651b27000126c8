import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Store } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { memoryStore } from "@mlforge/testkit/store";
import { count, Definitions, feature, source, t } from "../../src/index.js";
import { readPointer, swapPointer } from "../../src/log/pointer.js";
import { bytesOf } from "../log/candidates.js";

/** A folder with a store that was built, and what reads it. */
export interface SmallStore extends AsyncDisposable {
  readonly root: string;
  readonly store: Store;
  readonly defs: Definitions;
}

/** Three versions each of two features, `totals` and `routes`, of which the first was rolled back once. */
export async function buildSmallStore(
  wrap: (folder: string) => Store = (folder) => new LocalStore(join(folder, "store")),
): Promise<SmallStore> {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-verify-"));
  const store = wrap(folder);
  const flights = source({
    path: join(folder, "flights.csv"),
    columns: { origin: t.string(), destination: t.string(), delay: t.int64() },
  });
  const defs = new Definitions({
    name: "small",
    features: [
      feature({
        name: "totals",
        source: flights,
        keys: ["origin"],
        transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ flights: count(), delay: delay.sum() })),
        description: "Délais, 遅延, \u{1f6eb}",
      }),
      feature({
        name: "routes",
        source: flights,
        keys: ["origin", "destination"],
        transform: (rows) => rows.groupBy("origin", "destination").aggregate(({ delay }) => ({ delay: delay.sum() })),
      }),
    ],
    offlineStore: store,
    engine: new DuckDBEngine(),
  });
  for (const delay of [5, 50, 500]) {
    await writeFile(join(folder, "flights.csv"), `origin,destination,delay\nSEA,SFO,${delay}\nSFO,LAX,7\nLAX,SEA,-${delay}\n`);
    const { failed } = await defs.build();
    if (failed[0] !== undefined) throw failed[0].error;
  }
  const move = { version: "1.0.1", kind: "rollback", at: "2026-01-01T00:00:00.000Z", by: "ada", reason: "drift", commit_id: "r" } as const;
  await swapPointer(store, "totals", await readPointer(store, "totals"), { move });
  return {
    root: join(folder, "store"),
    store,
    defs,
    async [Symbol.asyncDispose]() {
      await defs[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Every object of a store. */
export async function contentOf(store: Store): Promise<Map<string, Uint8Array>> {
  const content = new Map<string, Uint8Array>();
  for await (const entry of store.list("")) {
    if (entry.kind === "object") content.set(entry.info.key, (await bytesOf(store, entry.info.key)) ?? new Uint8Array());
  }
  return content;
}

/** A store in memory that holds this, and says of itself what a folder says. */
export async function storeWith(content: Iterable<readonly [string, Uint8Array]>, workingTree = true): Promise<Store> {
  const store = memoryStore();
  for (const [key, bytes] of content) await store.put(key, bytes);
  return Object.assign(store, { capabilities: { ...store.capabilities, workingTree } });
}

/** Definitions of nothing over a store: it is verified by what is in it. */
export function over(offlineStore: Store, now?: () => Date): Definitions {
  return new Definitions({ name: "verify", features: [], offlineStore, now });
}

/** The same bytes with one bit turned. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** `kind key` of each problem. */
export async function problemsOf(store: Store, options?: Parameters<Definitions["store"]["verify"]>[0]): Promise<string[]> {
  return (await over(store).store.verify(options)).problems.map(({ kind, key }) => `${kind} ${key}`);
}
