export { describeStore } from "./describe-store.js";
export { type FaultyStoreOptions, faultyStore } from "./faulty-store.js";
export { interceptStore, type StoreEvent, type StoreHook, type StoreOperation } from "./intercept-store.js";
export { type MemoryStoreOptions, memoryStore } from "./memory-store.js";
export { prefixStore } from "./prefix-store.js";
export { type RecordedOperation, type Recording, recordingStore } from "./recording-store.js";
export type { Runner, StoreTestContext } from "./runner.js";
