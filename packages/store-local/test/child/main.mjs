// What other processes do in the tests: node main.mjs <task> <root> [arguments]. What they have to tell goes to the parent by IPC.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isMlforgeError } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { lockKey } from "../../dist/key-lock.js";
import { makeOwnFolders } from "../../dist/own-folders.js";
import { callUntilKilled } from "./call-until-killed.mjs";
import { decodeCount, encodeCount } from "./count.mjs";

// Only now, since the modules may lie where another user may not read.
if (process.env.RUN_AS !== undefined) {
  process.setgid(Number(process.env.RUN_AS));
  process.setuid(Number(process.env.RUN_AS));
}

const [task, root, ...rest] = process.argv.slice(2);
const store = new LocalStore(root);

const tasks = {
  /** Adds 1 to the count at `key`, as often as told. */
  async increment(key, times) {
    for (let done = 0; done < Number(times); ) if ((await addOne(key, 16)) !== undefined) done += 1;
  },

  /** Tries to create each key; tells which it created. */
  async create(keys) {
    const won = [];
    for (let i = 0; i < Number(keys); i++) {
      const put = store.put(`race/${i}`, Buffer.from(`${process.pid}`), { condition: { kind: "ifAbsent" } });
      if ((await unlessLost(put)) !== undefined) won.push(i);
    }
    await tell({ pid: process.pid, won });
  },

  /** Adds 1 to the count at `key` and tells each count that was stored, until it is killed. */
  async count(key, size) {
    for (;;) {
      const stored = await addOne(key, Number(size));
      if (stored !== undefined) await tell({ stored });
    }
  },

  /** Reads the count at `key` until it is told to stop; fails at a torn one and at one that is lower than one before. */
  async check(key) {
    let reads = 0;
    let newest = 0;
    let checking = true;
    process.once("message", () => {
      checking = false;
    });
    await tell({ checking });
    for (; checking; reads++) {
      const { count } = await readCount(key);
      if (count < newest) throw new Error(`the count ${count} came back after ${newest}`);
      newest = count;
    }
    await tell({ reads, newest });
    process.disconnect();
  },

  async holdLock(key) {
    await lockKey(await makeOwnFolders(root), { operation: "put", key, root }, undefined);
    await tell({ pid: process.pid });
    await forever();
  },

  async holdStaging() {
    const { path } = await store.stage();
    await tell({ path });
    await forever();
  },

  async killedInCall(name, step, file) {
    await callUntilKilled(store, name, Number(step), file);
  },

  /** Writes what the store says that it may do. */
  async diagnose() {
    process.stdout.write(JSON.stringify(await store.diagnose()));
  },

  /** Writes the message of the error of a copy. */
  async failedCopy() {
    await store.copy("key", "copy").catch(({ message }) => process.stdout.write(JSON.stringify(message)));
  },

  /** Calls the methods named; writes the code of the error of each, or "ok". */
  async call(...names) {
    // At the limit of file sizes the system sends this signal too, and without a listener it ends the process.
    process.on("SIGXFSZ", () => {});
    const calls = {
      putKey: () => store.put("key", Buffer.from("text")),
      put: () => store.put("new", Buffer.from("text")),
      putLarge: () => store.put("large", new Uint8Array(2_000_000)),
      copy: () => store.copy("key", "copy"),
      async copyFromVolume() {
        for (const [name, size] of Object.entries({ empty: 0, small: 4, large: 2_000_000 })) {
          await writeFile(join(root, "volume", name), new Uint8Array(size).fill(7));
          await store.copy(`volume/${name}`, `copied/${name}`);
        }
        await store.copy("volume/large", "copied/once", { condition: { kind: "ifAbsent" } });
      },
      head: () => store.head("key"),
      get: async () => (await store.get("key"))[Symbol.asyncDispose](),
      list: async () => {
        for await (const _ of store.list(""));
      },
      delete: () => store.delete("key"),
      stage: () => store.stage(),
      /** Makes files until the volume takes no more. */
      async fill() {
        for (let i = 0; ; i++) await writeFile(join(root, `filling${i}`), "x".repeat(512));
      },
    };
    const outcomes = {};
    for (const name of names) {
      outcomes[name] = await calls[name]().then(
        () => "ok",
        (error) => (isMlforgeError(error) || error.syscall !== undefined ? error.code : String(error)),
      );
    }
    process.stdout.write(JSON.stringify(outcomes));
  },
};

async function readCount(key) {
  const { info, body } = await store.get(key);
  const parts = [];
  for await (const part of body) parts.push(part);
  return { etag: info.etag, count: decodeCount(Buffer.concat(parts)) };
}

/** The count it stored; undefined if another process was first. */
async function addOne(key, size) {
  const { etag, count } = await readCount(key);
  const put = store.put(key, encodeCount(count + 1, size), { condition: { kind: "ifMatch", etag } });
  return (await unlessLost(put)) === undefined ? undefined : count + 1;
}

async function unlessLost(put) {
  try {
    return await put;
  } catch (error) {
    if (isMlforgeError(error, "STORE_CONFLICT")) return undefined;
    throw error;
  }
}

/** Resolves when the parent has the message, or at least the pipe to it. */
async function tell(message) {
  await new Promise((resolve) => process.send(message, resolve));
}

async function forever() {
  for (;;) await setTimeout(1_000_000_000);
}

await tasks[task](...rest);
if (process.connected) process.disconnect();
