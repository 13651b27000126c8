import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { LocalStore } from "../src/index.js";
import { kill, messageOf, startChild } from "./start-child.js";
import { bytesAt, leftovers, temporaryRoot } from "./temporary-root.js";

const text = Buffer.from("text");
const foreign = "0123456789abcdef.1.1.0.b0a5";

/** Fails if a put, an ifMatch put or a delete of the key gets through. */
async function expectLocked(store: LocalStore, key: string): Promise<void> {
  const { etag } = await store.head(key);
  for (const call of [
    (signal: AbortSignal) => store.put(key, Buffer.from("changed"), { signal }),
    (signal: AbortSignal) => store.put(key, Buffer.from("changed"), { signal, condition: { kind: "ifMatch", etag } }),
    (signal: AbortSignal) => store.delete(key, { signal }),
  ]) {
    const controller = new AbortController();
    const waiting = expect(call(controller.signal)).rejects.toBe("enough");
    for (let turn = 0; turn < 300; turn++) await setImmediate();
    controller.abort("enough");
    await waiting;
  }
  expect(await bytesAt(store, key)).toEqual(text);
}

async function lockFolder(root: string): Promise<string> {
  const [name = ""] = await readdir(join(root, ".mlforge", "locks"));
  return join(root, ".mlforge", "locks", name);
}

describe("the lock of a key", () => {
  it("keeps others from its key and from no other while its holder lives, and is free when the holder is killed", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await store.put("key", text);
    const holder = startChild("holdLock", root, ["key"]);
    await messageOf(holder);
    await expectLocked(store, "key");
    await store.put("other", text);
    await kill(holder);
    await store.put("key", Buffer.from("next"));
    expect((await bytesAt(store, "key")).toString()).toBe("next");
    expect(await leftovers(root)).toEqual([]);
  });

  it("is free when its holder was killed and nobody collected it", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await store.put("key", text);
    const script = fileURLToPath(new URL("child/main.mjs", import.meta.url));
    // The shell starts the holder and becomes a program that waits for no children, so that the killed holder stays a zombie.
    const parent = spawn("sh", ["-c", '"$0" "$@" & exec sleep 1000', process.execPath, script, "holdLock", root, "key"], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [{ pid }] = await once(parent, "message");
    await expectLocked(store, "key");
    process.kill(pid, "SIGKILL");
    await store.put("key", Buffer.from("next"));
    expect((await bytesAt(store, "key")).toString()).toBe("next");
  });

  it("of another host counts for a minute", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await store.put("key", text);
    const holder = startChild("holdLock", root, ["key"]);
    await messageOf(holder);
    const lock = await lockFolder(root);
    const held = join(lock, foreign);
    await mkdir(held);
    await kill(holder);
    await expectLocked(store, "key");
    const overAMinuteAgo = Date.now() / 1_000 - 70;
    await utimes(held, overAMinuteAgo, overAMinuteAgo);
    await store.put("key", Buffer.from("next"));
    expect((await bytesAt(store, "key")).toString()).toBe("next");
  });
});
