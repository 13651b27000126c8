import { deepEqual, equal } from "node:assert/strict";
import { compareStoreKeys, type PutCondition, type Store, type StoreCapabilities } from "@mlforge/spec";
import fc from "fast-check";
import type { Law } from "../runner.js";
import { codeOf, exists, names, read } from "./expect.js";

type Step =
  | { readonly kind: "put" | "create" | "replace" | "replaceStale"; readonly key: string; readonly value: number }
  | { readonly kind: "copy"; readonly key: string; readonly from: string }
  | { readonly kind: "delete"; readonly key: string };

interface Stored {
  readonly value: number;
  readonly etag: string;
}

const key = fc.constantFrom("a", "b/1", "b/2", "b.c", "d/e/f");
const value = fc.integer({ min: 0, max: 255 });
const unconditional = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), key, value }),
  fc.record({ kind: fc.constant("copy" as const), key, from: key }),
  fc.record({ kind: fc.constant("delete" as const), key }),
);
const conditional = fc.record({ kind: fc.constantFrom("create" as const, "replace" as const, "replaceStale" as const), key, value });

export function modelLaws(law: Law, capabilities: StoreCapabilities): void {
  const step: fc.Arbitrary<Step> = capabilities.conditionalPut === "none" ? unconditional : fc.oneof(unconditional, conditional);

  law("any sequence of calls changes the store as it would change a map", async (store) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        for (const name of await names(store, "")) await store.delete(name);
        const model = new Map<string, Stored>();
        const stale = new Map<string, string>();
        for (const one of steps) await carryOut(store, one, model, stale);
        deepEqual(await names(store, ""), [...model.keys()].sort(compareStoreKeys));
        for (const [name, { value: expected }] of model) deepEqual([...(await read(store, name))], [expected]);
      }),
      { numRuns: 20 },
    );
  });
}

async function carryOut(store: Store, step: Step, model: Map<string, Stored>, stale: Map<string, string>): Promise<void> {
  const current = model.get(step.key);
  if (step.kind === "delete") {
    await store.delete(step.key);
    model.delete(step.key);
    equal(await exists(store, step.key), false);
    return;
  }
  if (step.kind === "copy") {
    if (store.copy === undefined) return;
    const source = model.get(step.from);
    const copied = await codeOf(store.copy(step.from, step.key));
    equal(copied, source === undefined ? "STORE_NOT_FOUND" : undefined, `copy of ${step.from} to ${step.key}`);
    if (source !== undefined) await remember(store, step.key, source.value, model, stale);
    return;
  }
  const condition = conditionOf(step, current, stale);
  const wins = condition === undefined || (condition.kind === "ifAbsent" ? current === undefined : condition.etag === current?.etag);
  const code = await codeOf(store.put(step.key, Uint8Array.of(step.value), { condition }));
  equal(code, wins ? undefined : "STORE_CONFLICT", `${step.kind} of ${step.key}`);
  if (wins) await remember(store, step.key, step.value, model, stale);
}

async function remember(
  store: Store,
  name: string,
  written: number,
  model: Map<string, Stored>,
  stale: Map<string, string>,
): Promise<void> {
  const current = model.get(name);
  if (current !== undefined) stale.set(name, current.etag);
  model.set(name, { value: written, etag: (await store.head(name)).etag });
}

function conditionOf(step: Step, current: Stored | undefined, stale: ReadonlyMap<string, string>): PutCondition | undefined {
  if (step.kind === "create") return { kind: "ifAbsent" };
  if (step.kind === "replace") return { kind: "ifMatch", etag: current?.etag ?? "none" };
  if (step.kind === "replaceStale") return { kind: "ifMatch", etag: stale.get(step.key) ?? "none" };
  return undefined;
}
