import type { Store } from "@mlforge/spec";
import * as v from "valibot";
import { expect } from "vitest";

/** A pointer as its file has it, read past our own reader. */
const stateSchema = v.object({
  version: v.string(),
  seq: v.number(),
  held: v.optional(v.boolean(), false),
  pruned: v.optional(v.array(v.string()), []),
  history: v.array(
    v.object({
      seq: v.number(),
      version: v.string(),
      kind: v.string(),
      at: v.string(),
      by: v.string(),
      reason: v.string(),
      commit_id: v.string(),
    }),
  ),
});
export type PointerState = v.InferOutput<typeof stateSchema>;

export function parseState(bytes: Uint8Array): PointerState {
  return v.parse(stateSchema, JSON.parse(new TextDecoder().decode(bytes)));
}

/** A store in memory, and every state its pointer of `f` ever had, in their order. */
export function watchPointer(inner: Store): { readonly store: Store; readonly states: PointerState[] } {
  const states: PointerState[] = [];
  const store: Store = {
    specVersion: inner.specVersion,
    name: inner.name,
    capabilities: inner.capabilities,
    head: (key, options) => inner.head(key, options),
    get: (key, options) => inner.get(key, options),
    async put(key, body, options) {
      const stored = await inner.put(key, body, options);
      if (key === "f/_latest.json" && body instanceof Uint8Array) states.push(parseState(body));
      return stored;
    },
    delete: (key, options) => inner.delete(key, options),
    list: (prefix, options) => inner.list(prefix, options),
    locate: (key) => inner.locate(key),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { store, states };
}

/** One state is sound in itself: its moves are counted without gaps, and it names the version of the newest. */
export function expectSound({ version, seq, history, pruned }: PointerState): void {
  expect(history.map((move) => move.seq)).toEqual(Array.from({ length: seq }, (_, index) => seq - index));
  expect(history[0]?.version).toBe(version);
  expect(pruned).not.toContain(version);
}

/** Nothing that was seen is gone later. */
export function expectExtends(before: PointerState, after: PointerState): void {
  expect(after.seq).toBeGreaterThanOrEqual(before.seq);
  expect(after.history.slice(after.seq - before.seq)).toEqual(before.history);
  for (const number of before.pruned) expect(after.pruned).toContain(number);
}

/** What the newest move did to the state before it, by the rules of each kind of move. */
export function expectStep(before: PointerState | undefined, after: PointerState): void {
  expectSound(after);
  expect(after.seq).toBe((before?.seq ?? 0) + 1);
  if (before !== undefined) expectExtends(before, after);
  const [move] = after.history;
  const wasHeld = before?.held === true;
  const pruned = before?.pruned ?? [];
  if (move?.kind !== "prune") expect(after.pruned).toEqual(pruned);
  switch (move?.kind) {
    case "build":
      expect({ held: after.held, wasHeld }).toEqual({ held: false, wasHeld: false });
      if (before !== undefined) expect(isLower(before.version, after.version)).toBe(true);
      return;
    case "rollback":
      expect(after.version).not.toBe(before?.version);
      if (wasHeld) expect(after.held).toBe(true);
      return;
    case "hold":
      expect({ ...after, seq: 0, history: [] }).toEqual({ ...before, held: true, seq: 0, history: [] });
      expect(wasHeld).toBe(false);
      return;
    case "release":
      expect({ ...after, seq: 0, history: [] }).toEqual({ ...before, held: false, seq: 0, history: [] });
      expect(wasHeld).toBe(true);
      return;
    case "prune":
      expect({ version: after.version, held: after.held }).toEqual({ version: before?.version, held: before?.held });
      expect(after.pruned.length).toBeGreaterThan(pruned.length);
      return;
    default:
      throw new Error(`a move of kind ${move?.kind}`);
  }
}

function isLower(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The version that was latest before the present one, by a walk from the oldest move on. */
export function previousOf({ history }: PointerState): string | undefined {
  let [previous, present]: (string | undefined)[] = [];
  for (const { version } of [...history].reverse()) {
    if (version === present) continue;
    [previous, present] = [present, version];
  }
  return previous;
}
