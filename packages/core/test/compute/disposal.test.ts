import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { type Engine, MlforgeError, type Store } from "@mlforge/spec";
import { interceptStore, memoryStore } from "@mlforge/testkit/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-disposal-"));
  await writeFile(join(folder, "orders.csv"), "user,amount\na,1\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A store that refuses every call from one on, and whose staging folder cannot be removed then. */
function losingAccess(from: number): { readonly store: Store; readonly calls: () => number } {
  let calls = 0;
  const store = interceptStore(memoryStore(), ({ phase, operation }) => {
    if (phase !== "before") return;
    calls = operation.index + 1;
    if (calls > from) throw new MlforgeError("STORE_ACCESS_DENIED", "refused", { store: "memory", operation: "put", key: operation.key });
  });
  const stage = async () => {
    const path = await mkdtemp(join(folder, "staging-"));
    return {
      path,
      [Symbol.asyncDispose]: async () => {
        throw new Error("the folder cannot be removed");
      },
    };
  };
  return { store: Object.assign(store, { stage }), calls: () => calls };
}

function definitions(store: Store, engine: Engine = new DuckDBEngine({ threads: 1 })): Definitions {
  const orders = source({ path: join(folder, "orders.csv"), columns: { user: t.string(), amount: t.int64() } });
  return new Definitions({
    name: "shop",
    features: [feature({ name: "spent", source: orders, keys: ["user"] })],
    offlineStore: store,
    engine,
  });
}

describe("an error whose work cannot be disposed of either", () => {
  it("is reported as the cause, whichever call of the store fails first in a build", async () => {
    const whole = losingAccess(Number.POSITIVE_INFINITY);
    {
      await using defs = definitions(whole.store);
      expect(await defs.build()).toMatchObject({ failed: [], built: [{ feature: "spent" }] });
    }
    expect(whole.calls()).toBeGreaterThan(5);
    const codes: string[] = [];
    for (let from = 0; from < whole.calls(); from++) {
      await using defs = definitions(losingAccess(from).store);
      const { built, failed } = await defs.build();
      // A call that only reads again after the commit may fail without harm.
      codes.push(failed[0]?.error.code ?? `built ${built.length}`);
    }
    expect(codes.filter((code) => code !== "STORE_ACCESS_DENIED" && code !== "built 1")).toEqual([]);
    expect(codes[0]).toBe("STORE_ACCESS_DENIED");
  });

  it("is reported as the cause where the engine fails", async () => {
    const inner = new DuckDBEngine({ threads: 1 });
    const engine: Engine = {
      specVersion: 1,
      name: inner.name,
      version: inner.version,
      capabilities: inner.capabilities,
      describe: (plan, options) => inner.describe(plan, options),
      run: (plan, options) => inner.run(plan, options),
      write: async () => {
        throw new MlforgeError("ENGINE_RESOURCES_EXHAUSTED", "full", { engine: "duckdb" });
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
    await using defs = definitions(losingAccess(Number.POSITIVE_INFINITY).store, engine);
    expect((await defs.build()).failed).toMatchObject([{ error: { code: "ENGINE_RESOURCES_EXHAUSTED" } }]);
  });
});
