import { describe, it } from "vitest";
import { describeStore, faultyStore, memoryStore, prefixStore, recordingStore } from "../src/store/index.js";

const capabilities = { conditionalPut: "full", workingTree: false, readable: true } as const;
const runner = { describe, it };

describeStore(runner, "memoryStore", { capabilities, open: async () => memoryStore() });

describeStore(runner, "memoryStore without conditional put", {
  capabilities: { conditionalPut: "none", workingTree: false, readable: true },
  open: async () => memoryStore({ conditionalPut: "none" }),
});

describeStore(runner, "faultyStore without faults", { capabilities, open: async () => faultyStore(memoryStore(), { seed: 1 }) });

describeStore(runner, "faultyStore with delays", { capabilities, open: async () => faultyStore(memoryStore(), { seed: 1, maxDelay: 2 }) });

describeStore(runner, "recordingStore", { capabilities, open: async () => recordingStore(memoryStore()).store });

describeStore(runner, "prefixStore", { capabilities, open: openPrefix });

async function openPrefix() {
  const inner = memoryStore();
  for (const key of ["some/prefi", "some/prefix.txt", "some/prefixes/x", "a/b", "z"]) await inner.put(key, new Uint8Array());
  return prefixStore(inner, "some/prefix/");
}
