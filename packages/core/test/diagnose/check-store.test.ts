import type { PermissionCheck, Store } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { expect, it } from "vitest";
import { Definitions } from "../../src/index.js";

type Tried = readonly [action: string, outcome: PermissionCheck["outcome"], ...neededFor: PermissionCheck["neededFor"]];

/** Definitions whose store finds this. */
function defsOf(...tried: readonly Tried[]): Definitions {
  const checks = tried.map(([action, outcome, ...neededFor]) => ({ action, outcome, neededFor, message: `tried ${action}` }));
  const offlineStore: Store = Object.assign(memoryStore(), { diagnose: async () => checks });
  return new Definitions({ name: "d", features: [], offlineStore });
}

it("says of each job whether everything it needs is allowed, and what it lacks", async () => {
  const defs = defsOf(
    ["get", "denied", "build", "training", "serving"],
    ["put", "allowed", "build"],
    ["list", "unknown", "build", "training"],
    ["get", "denied", "build"],
  );
  const report = await defs.store.diagnose();
  expect(report).toMatchObject({ store: "memory", passed: false });
  expect(report.jobs).toEqual([
    { job: "build", outcome: "denied", missingPermissions: ["get", "list"] },
    { job: "training", outcome: "denied", missingPermissions: ["get", "list"] },
    { job: "serving", outcome: "denied", missingPermissions: ["get"] },
  ]);
  expect(report.checks[2]).toEqual({ action: "list", outcome: "unknown", neededFor: ["build", "training"], message: "tried list" });
});

it("calls a job unknown where that is the worst, or where nothing was tried for it", async () => {
  const { jobs, passed } = await defsOf(["get", "allowed", "build", "training"], ["put", "unknown", "build"]).store.diagnose();
  expect(jobs.map(({ outcome, missingPermissions }) => [outcome, ...missingPermissions])).toEqual([
    ["unknown", "put"],
    ["allowed"],
    ["unknown"],
  ]);
  expect(passed).toBe(false);
});

it("passes where all that any job needs is allowed, whatever else is denied", async () => {
  const { jobs, passed } = await defsOf(["all", "allowed", "build", "training", "serving"], ["tag", "denied"]).store.diagnose();
  expect(jobs.map(({ outcome }) => outcome)).toEqual(["allowed", "allowed", "allowed"]);
  expect(passed).toBe(true);
});

it("has no checks of a store that has nothing to try", async () => {
  const { jobs, ...report } = await new Definitions({ name: "d", features: [], offlineStore: memoryStore() }).store.diagnose();
  expect(report).toEqual({ store: "memory", checks: [], passed: true });
  expect(jobs.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown", "unknown"]);
});

it("rejects with the reason of an abort, and passes the signal on", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(defsOf().store.diagnose({ signal })).rejects.toBe(signal.reason);
  const later = new AbortController();
  const diagnose: Store["diagnose"] = (options) =>
    new Promise((_, reject) => {
      options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
      later.abort(new Error("enough"));
    });
  const defs = new Definitions({ name: "d", features: [], offlineStore: Object.assign(memoryStore(), { diagnose }) });
  await expect(defs.store.diagnose({ signal: later.signal })).rejects.toBe(later.signal.reason);
});
