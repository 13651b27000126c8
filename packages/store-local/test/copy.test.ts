import { spawnSync } from "node:child_process";
import { chmod, link, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { runAsUser, temporaryFolder } from "./run-as-user.js";
import { bytesAt, keysOf, leftovers, temporaryRoot } from "./temporary-root.js";

const script = fileURLToPath(new URL("child/main.mjs", import.meta.url));
const sizes = [0, 4, 1_000_000];

it.each(sizes)("makes a copy of %i bytes one file with its source, and leaves nothing behind", async (size) => {
  const root = await temporaryRoot();
  const store = new LocalStore(root);
  const put = await store.put("a/from", Buffer.alloc(size, 1));
  const before = await store.head("a/from");
  for (const condition of [undefined, { kind: "ifAbsent" } as const]) {
    const to = `b/${condition?.kind}/to`;
    expect(await store.copy("a/from", to, { condition, sourceEtag: put.etag })).toMatchObject({ key: to, size });
    expect((await stat(join(root, to))).ino).toBe((await stat(join(root, "a/from"))).ino);
  }
  await store.copy("a/from", "b/undefined/to");
  expect((await stat(join(root, "a/from"))).nlink).toBe(3);
  expect(await store.head("a/from")).toEqual(before);
  expect(await leftovers(root)).toEqual([]);
});

it.each(sizes)("copies %i bytes to a file of their own if the source has too many names for another", async (size) => {
  const root = await temporaryRoot();
  const store = new LocalStore(root);
  const bytes = Buffer.alloc(size, 1);
  const { etag } = await store.put("from", bytes);
  await mkdir(join(root, "names"));
  for (let name = 0; name < 998; name++) await link(join(root, "from"), join(root, "names", `${name}`));
  await store.copy("from", "last");
  expect((await stat(join(root, "from"))).nlink).toBe(1_000);
  await store.copy("from", "to", { condition: { kind: "ifAbsent" }, sourceEtag: etag });
  expect((await stat(join(root, "to"))).nlink).toBe(1);
  expect((await stat(join(root, "from"))).nlink).toBe(1_000);
  expect((await bytesAt(store, "to")).equals(bytes)).toBe(true);
  expect(await leftovers(root)).toEqual([]);
});

it("copies from another volume below the root", async ({ skip }) => {
  const root = await temporaryRoot();
  await mkdir(join(root, "volume"));
  const inNewVolume = (command: string, ...args: string[]) =>
    spawnSync("unshare", ["-rm", "sh", "-c", `mount -t tmpfs none "${root}/volume" && ${command}`, ...args], { encoding: "utf8" });
  if (inNewVolume("true").status !== 0) skip("a volume can be mounted only if this user may");
  const { stdout, stderr } = inNewVolume('exec "$0" "$@"', process.execPath, script, "call", root, "copyFromVolume");
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ copyFromVolume: "ok" });
  const store = new LocalStore(root);
  expect(await keysOf(store)).toEqual(["copied/empty", "copied/large", "copied/once", "copied/small"]);
  for (const [key, size] of Object.entries({ large: 2_000_000, once: 2_000_000, small: 4 })) {
    expect((await bytesAt(store, `copied/${key}`)).equals(Buffer.alloc(size, 7))).toBe(true);
  }
  expect(await leftovers(root)).toEqual([]);
});

it("copies a file of another user, which the system may refuse to link", async () => {
  const root = await temporaryFolder();
  const store = new LocalStore(root);
  await store.put("key", Buffer.from("text"));
  await chmod(join(root, "key"), 0o644);
  for (const folder of [".mlforge/tmp", ".mlforge/locks", ".mlforge/staging", ".mlforge", "."]) await chmod(join(root, folder), 0o777);
  expect(runAsUser("call", root, "copy")).toEqual({ copy: "ok" });
  expect((await bytesAt(store, "copy")).toString()).toBe("text");
});

it("says which object it may not read", async () => {
  const root = await temporaryFolder();
  await new LocalStore(root).put("key", Buffer.from("text"));
  await chmod(join(root, "key"), 0);
  for (const folder of [".mlforge/tmp", ".mlforge/locks", ".mlforge/staging", ".mlforge", "."]) await chmod(join(root, folder), 0o777);
  expect(runAsUser("failedCopy", root)).toBe(
    `copy of "key" in ${root} is not permitted (EACCES); grant this user access to the folder, or choose another one`,
  );
});

it("refuses to copy from or to a symbolic link, or its own folder", async () => {
  const folder = await temporaryRoot();
  const root = join(folder, "root");
  const store = new LocalStore(root);
  await store.put("key", Buffer.from("text"));
  await writeFile(join(folder, "outside"), "outside");
  await symlink(join(folder, "outside"), join(root, "link"));
  await symlink(folder, join(root, "out"));
  for (const key of ["link", "out/outside"]) {
    await expect(store.copy(key, "new")).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
    await expect(store.copy("key", key)).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
  }
  await expect(store.copy(".mlforge/.gitignore", "new")).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
  await expect(store.copy("key", ".mlforge/new")).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
  expect(await keysOf(store)).toEqual(["key"]);
  expect(await readFile(join(folder, "outside"), "utf8")).toBe("outside");
});

it("refuses a copy onto a folder, below an object, or of a folder", async () => {
  const store = new LocalStore(await temporaryRoot());
  await store.put("a/b", Buffer.from("text"));
  await expect(store.copy("a/b", "a")).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
  await expect(store.copy("a/b", "a/b/c")).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
  await expect(store.copy("a", "c")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  expect(await keysOf(store)).toEqual(["a/b"]);
});

it("copies nothing from a missing root", async () => {
  await expect(new LocalStore(join(await temporaryRoot(), "none")).copy("a", "b")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
});
