import { spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { localError } from "../src/local-error.js";
import { runAsUser, temporaryFolder } from "./run-as-user.js";
import { keysOf, leftovers, temporaryRoot } from "./temporary-root.js";

const script = fileURLToPath(new URL("child/main.mjs", import.meta.url));
const text = Buffer.from("text");

/** What each call gives in a process of a user who is not root. */
function callAsUser(root: string, calls: readonly string[]): unknown {
  return runAsUser("call", root, ...calls);
}

describe("a folder that may not be written", () => {
  it("is what the error about a staging folder speaks of, which has no key", () => {
    const error = Object.assign(new Error("EACCES: permission denied, mkdir '/ro/.mlforge'"), { code: "EACCES", syscall: "mkdir" });
    expect(localError(error, { operation: "stage", key: "", root: "/ro" })).toMatchObject({
      code: "STORE_ACCESS_DENIED",
      message: "writing to /ro is not permitted (EACCES); grant this user access to the folder, or choose another one",
    });
  });

  it("refuses writes with STORE_ACCESS_DENIED and can be read", async () => {
    const root = await temporaryFolder();
    await new LocalStore(root).put("key", text);
    await chmod(join(root, "key"), 0o444);
    for (const folder of [".mlforge/tmp", ".mlforge/locks", ".mlforge/staging", ".mlforge", "."]) await chmod(join(root, folder), 0o555);
    expect(callAsUser(root, ["put", "delete", "stage", "head", "get", "list"])).toEqual({
      put: "STORE_ACCESS_DENIED",
      delete: "STORE_ACCESS_DENIED",
      stage: "STORE_ACCESS_DENIED",
      head: "ok",
      get: "ok",
      list: "ok",
    });
    expect(await keysOf(new LocalStore(root))).toEqual(["key"]);
  });

  it("refuses writes with STORE_ACCESS_DENIED where the root would have to be made", async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o555);
    expect(callAsUser(join(folder, "root"), ["put", "head", "list"])).toEqual({
      put: "STORE_ACCESS_DENIED",
      head: "STORE_NOT_FOUND",
      list: "ok",
    });
  });

  it("refuses reads with STORE_ACCESS_DENIED where it may not be read either", async () => {
    const root = await temporaryFolder();
    await new LocalStore(root).put("key", text);
    await chmod(root, 0);
    const denied = "STORE_ACCESS_DENIED";
    expect(callAsUser(root, ["put", "head", "get", "list", "delete"])).toEqual({
      put: denied,
      head: denied,
      get: denied,
      list: denied,
      delete: denied,
    });
  });
});

describe("a root that is a file", () => {
  it("is named as what it is, whatever was to be done", async () => {
    const root = join(await temporaryRoot(), "file");
    await writeFile(root, text);
    const message = `${root} is a file; a store needs a folder: choose another path, or remove the file`;
    await expect(new LocalStore(root).stage()).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED", message });
    await expect(new LocalStore(root).put("key", text)).rejects.toMatchObject({ message });
    const below = join(root, "below", "it");
    await expect(new LocalStore(below).stage()).rejects.toMatchObject({ message: `${below} cannot be a folder, because ${message}` });
  });

  it("refuses writes and lists with STORE_ACCESS_DENIED", async () => {
    const folder = await temporaryRoot();
    const root = join(folder, "file");
    await writeFile(root, text);
    for (const store of [new LocalStore(root), new LocalStore(join(root, "below"))]) {
      await expect(store.put("key", text)).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
      await expect(store.head("key")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
    }
    await expect(keysOf(new LocalStore(root))).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
  });
});

describe("a volume without room", () => {
  it("rejects a put with STORE_FULL, keeps nothing of it, and takes what fits", async () => {
    const root = join(await temporaryRoot(), "root");
    await mkdir(root);
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", 'ulimit -f 100 && exec "$0" "$@"', process.execPath, script, "call", root, "putLarge", "put", "list"],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ putLarge: "STORE_FULL", put: "ok", list: "ok" });
    expect(await keysOf(new LocalStore(root))).toEqual(["new"]);
    expect(await leftovers(root)).toEqual([]);
  });

  it("without any left, takes no put with STORE_FULL and lets objects be deleted", async ({ skip }) => {
    const root = await temporaryRoot();
    const inNewVolume = (command: string, ...args: string[]) =>
      spawnSync("unshare", ["-rm", "sh", "-c", `mount -t tmpfs -o nr_inodes=40 none "${root}" && ${command}`, ...args], {
        encoding: "utf8",
      });
    if (inNewVolume("true").status !== 0) skip("a volume can be filled only where this user may mount one");
    const calls = ["putKey", "fill", "put", "delete", "head"];
    const { stdout } = inNewVolume('exec "$0" "$@"', process.execPath, script, "call", root, ...calls);
    expect(JSON.parse(stdout)).toEqual({ putKey: "ok", fill: "ENOSPC", put: "STORE_FULL", delete: "ok", head: "STORE_NOT_FOUND" });
  });
});
