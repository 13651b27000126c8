import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/** Makes one call on the store and kills this process at its `step`-th call of the file system, before it is made. */
export async function callUntilKilled(store, name, step, file) {
  const { etag } = await store.head("key");
  const body = new Uint8Array(200_000).fill(2);
  const calls = {
    put: () => store.put("key", body),
    putNew: () => store.put("some/new", body),
    ifMatch: () => store.put("key", body, { condition: { kind: "ifMatch", etag } }),
    ifAbsent: () => store.put("some/new", body, { condition: { kind: "ifAbsent" } }),
    move: () => store.put("some/new", { file, move: true }),
    copy: () => store.copy("key", "some/new"),
    copyIfAbsent: () => store.copy("key", "some/new", { condition: { kind: "ifAbsent" } }),
    delete: () => store.delete("key"),
  };
  await killAtStep(step);
  await calls[name]();
}

async function killAtStep(step) {
  let steps = 0;
  const count = (call) =>
    function (...args) {
      steps += 1;
      if (steps === step) process.kill(process.pid, "SIGKILL");
      return call.apply(this, args);
    };
  const handle = await fs.open("/dev/null", "r");
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of ["read", "write", "stat", "utimes", "sync", "close"]) prototype[name] = count(prototype[name]);
  for (const name of ["copyFile", "link", "lstat", "mkdir", "open", "readdir", "rename", "rm", "rmdir", "stat", "unlink", "writeFile"]) {
    fs[name] = count(fs[name]);
  }
  syncBuiltinESMExports();
}
