import { MlforgeError } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { expect, it } from "vitest";
import { Definitions } from "../../src/index.js";

const noon = new Date("2026-01-01T12:00:00.000Z");

function defsAt(seconds: number): Definitions {
  const now = (): Date => new Date(noon.getTime() + seconds * 1_000);
  return new Definitions({ name: "d", features: [], offlineStore: memoryStore({ now: () => noon }), now });
}

it.each([
  [0, true],
  [300, true],
  [-300, true],
  [300.5, false],
  [-301, false],
  [86_400, false],
])("at %f seconds from the clock of the store passes: %s", async (skew, passed) => {
  const report = await defsAt(skew).store.checkClock();
  expect(report).toMatchObject({ store: "memory", skew, passed });
  expect(report.message.includes("set the clock")).toBe(!passed);
});

it("passes where the store has no clock, or may not tell it", async () => {
  const denied = new MlforgeError("STORE_ACCESS_DENIED", "not permitted", { store: "memory", operation: "put", key: "" });
  for (const clock of [undefined, () => Promise.reject(denied)]) {
    const defs = new Definitions({ name: "d", features: [], offlineStore: Object.assign(memoryStore(), { clock }) });
    expect(await defs.store.checkClock()).toMatchObject({ skew: null, passed: true });
  }
});

it("rejects where the store cannot be reached, and with the reason of an abort", async () => {
  const down = new MlforgeError("STORE_UNAVAILABLE", "down", { store: "memory", operation: "list" });
  const offlineStore = Object.assign(memoryStore(), { clock: () => Promise.reject(down) });
  await expect(new Definitions({ name: "d", features: [], offlineStore }).store.checkClock()).rejects.toBe(down);
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(defsAt(0).store.checkClock({ signal })).rejects.toBe(signal.reason);
  await expect(defsAt(0).checkEngine({ signal })).rejects.toBe(signal.reason);
});
