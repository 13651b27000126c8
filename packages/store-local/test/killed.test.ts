import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { endOf, startChild } from "./start-child.js";
import { bytesAt, keysOf, leftovers, temporaryRoot } from "./temporary-root.js";

const before = Buffer.alloc(300_000, 1);
const after = Buffer.alloc(200_000, 2);
const stepsAtOnce = 6;

interface Case {
  readonly call: string;
  /** The keys before the call and after it. */
  readonly keys: readonly [before: string[], after: string[]];
  /** What the call does, done again by another process. */
  readonly again: (store: LocalStore) => Promise<unknown>;
}

const cases: readonly Case[] = [
  { call: "put", keys: [["key"], ["key"]], again: (store) => store.put("key", after) },
  { call: "putNew", keys: [["key"], ["key", "some/new"]], again: (store) => store.put("some/new", after) },
  {
    call: "ifMatch",
    keys: [["key"], ["key"]],
    again: async (store) => store.put("key", after, { condition: { kind: "ifMatch", etag: (await store.head("key")).etag } }),
  },
  {
    call: "ifAbsent",
    keys: [["key"], ["key", "some/new"]],
    again: async (store) =>
      (await keysOf(store)).includes("some/new") ? undefined : store.put("some/new", after, { condition: { kind: "ifAbsent" } }),
  },
  { call: "move", keys: [["key"], ["key", "some/new"]], again: (store) => store.put("some/new", after) },
  { call: "copy", keys: [["key"], ["key", "some/new"]], again: (store) => store.copy("key", "some/new") },
  {
    call: "copyIfAbsent",
    keys: [["key"], ["key", "some/new"]],
    again: async (store) =>
      (await keysOf(store)).includes("some/new") ? undefined : store.copy("key", "some/new", { condition: { kind: "ifAbsent" } }),
  },
  { call: "delete", keys: [["key"], []], again: (store) => store.delete("key") },
];

for (const one of cases) {
  it(`a process killed at any step of ${one.call} leaves the old state or the new one, and the next process succeeds`, async () => {
    let killed = 0;
    for (let ended = false; !ended; ) {
      const steps = Array.from({ length: stepsAtOnce }, (_, i) => killed + i + 1);
      const survived = await Promise.all(steps.map((step) => killAtStep(one, step)));
      killed += survived.filter((alive) => !alive).length;
      ended = survived.some((alive) => alive);
    }
    expect(killed, "steps of the call").toBeGreaterThan(15);
  });
}

/** Whether the call had fewer steps than that, so that the process was not killed. */
async function killAtStep({ call, keys, again }: Case, step: number): Promise<boolean> {
  const folder = await temporaryRoot();
  const [root, file] = [join(folder, "root"), join(folder, "file")];
  await mkdir(root);
  await writeFile(file, after);
  await new LocalStore(root).put("key", before);
  const end = await endOf(startChild("killedInCall", root, [call, step, file]));
  expect(end).toBeOneOf([0, "SIGKILL"]);

  const written = call.startsWith("copy") ? before : after;
  const store = new LocalStore(root);
  const found = await keysOf(store);
  expect(found, `step ${step}`).toBeOneOf([...keys]);
  for (const key of found) {
    const bytes = await bytesAt(store, key);
    const allowed = key === "key" ? (call === "put" || call === "ifMatch" ? [before, after] : [before]) : [written];
    expect(
      allowed.some((expected) => expected.equals(bytes)),
      `${key} after step ${step} has neither state`,
    ).toBe(true);
  }
  await again(store);
  expect(await keysOf(store)).toEqual(keys[1]);
  if (call !== "delete") expect((await bytesAt(store, keys[1].at(-1) ?? "")).equals(written)).toBe(true);
  await (await store.stage())[Symbol.asyncDispose]();
  expect(await leftovers(root), `left after step ${step}`).toEqual([]);
  return end === 0;
}
