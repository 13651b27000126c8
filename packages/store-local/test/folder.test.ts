import { access, link, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { bytesAt, keysOf, temporaryRoot } from "./temporary-root.js";

const text = Buffer.from("text");
const absent = { code: "ENOENT" };

describe("LocalStore", () => {
  it("takes a path, a relative path, a file URL, its text, and an object with any of them", async () => {
    const root = join(await temporaryRoot(), "a b%20c");
    await new LocalStore(root).put("key", text);
    const url = pathToFileURL(root);
    for (const options of [root, relative(process.cwd(), root), url, url.href, { path: root }, { path: url }]) {
      expect(await keysOf(new LocalStore(options))).toEqual(["key"]);
    }
  });

  it("makes nothing until the first put, and gives a missing root as an empty store", async () => {
    const root = join(await temporaryRoot(), "not", "yet");
    const store = new LocalStore(root);
    expect(await keysOf(store)).toEqual([]);
    await expect(store.head("key")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
    await store.delete("key");
    store.locate("key");
    await expect(access(root)).rejects.toMatchObject(absent);
    await store.put("key", text);
    expect(await keysOf(store)).toEqual(["key"]);
  });

  it("works on when its folder is deleted under it", async () => {
    const root = join(await temporaryRoot(), "root");
    const store = new LocalStore(root);
    await store.put("a/key", text);
    await rm(root, { recursive: true });
    expect(await keysOf(store)).toEqual([]);
    await store.put("b/key", text);
    expect(await keysOf(store)).toEqual(["b/key"]);
  });

  it.each([".mlforge", ".mlforge/tmp", ".mlforge/locks", ".mlforge/staging"])(
    "works on when its private folder %s is deleted",
    async (folder) => {
      const root = await temporaryRoot();
      const store = new LocalStore(root);
      const remove = (): Promise<void> => rm(join(root, folder), { recursive: true, force: true });
      const { etag } = await store.put("key", text);
      await remove();
      await store.put("key", text, { condition: { kind: "ifMatch", etag } });
      await remove();
      await store.put("other", text, { condition: { kind: "ifAbsent" } });
      await remove();
      await store.copy("other", "third");
      await remove();
      await store.checkConditionalPut();
      await remove();
      await (await store.stage())[Symbol.asyncDispose]();
      await remove();
      await store.delete("third");
      expect(await keysOf(store)).toEqual(["key", "other"]);
    },
  );

  it.each(["airport_delay/1.0.0/.meta.json", "with space/é 🛫", "per%2Fcent/%00", "date=2020/part-0"])(
    "keeps the object %j in the file of that name, where locate points",
    async (key) => {
      const root = await temporaryRoot();
      const store = new LocalStore(root);
      await store.put(key, text);
      expect(await readFile(join(root, ...key.split("/")))).toEqual(text);
      expect(await readFile(fileURLToPath(store.locate(key)))).toEqual(text);
    },
  );

  it("keeps its own folder out of Git, out of lists and out of reach", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await store.put("key", text);
    expect(await readFile(join(root, ".mlforge", ".gitignore"), "utf8")).toBe("*\n");
    expect(await keysOf(store)).toEqual(["key"]);
    for (const key of [".mlforge", ".mlforge/.gitignore", ".MLForge/tmp/x"]) {
      await expect(store.get(key)).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
      await expect(store.put(key, text)).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
    }
    await store.put("a/.mlforge", text);
    expect(await keysOf(store)).toEqual(["a/.mlforge", "key"]);
  });

  it("lists what other programs put there, but neither empty folders nor names that are no keys", async () => {
    const root = await temporaryRoot();
    await mkdir(join(root, "empty", "deeper"), { recursive: true });
    await mkdir(join(root, "copied"));
    await writeFile(join(root, "copied", "file"), text);
    await writeFile(join(root, "back\\slash"), text);
    const store = new LocalStore(root);
    expect(await keysOf(store)).toEqual(["copied/file"]);
    const children: string[] = [];
    for await (const entry of store.list("", { depth: "children" })) children.push(entry.kind === "prefix" ? entry.prefix : entry.info.key);
    expect(children).toEqual(["copied/"]);
  });

  it("removes folders that a delete left empty, and puts an object where an empty folder is", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await store.put("a/b/c", text);
    await store.delete("a/b/c");
    await expect(stat(join(root, "a"))).rejects.toMatchObject(absent);
    await mkdir(join(root, "a"));
    await store.put("a", text);
    await mkdir(join(root, "b"));
    await store.put("b", text, { condition: { kind: "ifAbsent" } });
    expect(await keysOf(store)).toEqual(["a", "b"]);
  });

  it("refuses an object where a folder of objects is, and below another object", async () => {
    const store = new LocalStore(await temporaryRoot());
    await store.put("a/b", text);
    for (const condition of [undefined, { kind: "ifAbsent" } as const]) {
      await expect(store.put("a", text, { condition })).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
      await expect(store.put("a/b/c", text, { condition })).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
    }
    expect(await keysOf(store)).toEqual(["a/b"]);
  });

  it("refuses a segment that is too long for the file system", async () => {
    const store = new LocalStore(await temporaryRoot());
    const key = `a/${"x".repeat(256)}`;
    for (const call of [() => store.put(key, text), () => store.get(key), () => store.head(key), () => store.delete(key)]) {
      await expect(call()).rejects.toMatchObject({ code: "STORE_KEY_INVALID" });
    }
    await store.put(`a/${"x".repeat(255)}`, text);
  });

  it("gives a file that another program changed another etag", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    for (const size of [10, 100_000]) {
      const { etag } = await store.put("key", Buffer.alloc(size, 1));
      await writeFile(join(root, "key"), Buffer.alloc(size, 2));
      await utimes(join(root, "key"), 1_000, 1_000);
      expect((await store.head("key")).etag).not.toBe(etag);
      await expect(store.put("key", text, { condition: { kind: "ifMatch", etag } })).rejects.toMatchObject({ code: "STORE_CONFLICT" });
    }
  });
});

describe("put with move", () => {
  it("takes the file itself when it is on the same volume", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await using staging = await store.stage();
    const file = join(staging.path, "data");
    for (const [key, condition] of [
      ["a/b", undefined],
      ["a/c", { kind: "ifAbsent" } as const],
    ] as const) {
      await writeFile(file, text);
      const { ino } = await stat(file);
      await store.put(key, { file, move: true }, { condition });
      expect((await stat(join(root, key))).ino).toBe(ino);
      expect((await stat(join(root, key))).nlink).toBe(1);
      await expect(access(file)).rejects.toMatchObject(absent);
    }
  });

  it("copies a file that has a second name, so that the object cannot be changed through it", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(join(root, "store"));
    await writeFile(join(root, "file"), text);
    await link(join(root, "file"), join(root, "second"));
    await store.put("key", { file: join(root, "file"), move: true });
    await writeFile(join(root, "second"), "changed");
    expect(await bytesAt(store, "key")).toEqual(text);
  });

  it("copies what a symbolic link leads to", async () => {
    const root = await temporaryRoot();
    const store = new LocalStore(join(root, "store"));
    await writeFile(join(root, "file"), text);
    await symlink(join(root, "file"), join(root, "link"));
    await store.put("key", { file: join(root, "link"), move: true });
    expect(await bytesAt(store, "key")).toEqual(text);
    expect(await readFile(join(root, "file"))).toEqual(text);
  });
});

describe("symbolic links", () => {
  it("are followed to the root, and nowhere below it", async () => {
    const folder = await temporaryRoot();
    const [real, linked, outside] = [join(folder, "real"), join(folder, "linked"), join(folder, "outside")];
    await mkdir(real);
    await mkdir(outside);
    await symlink(real, linked);
    const store = new LocalStore(linked);
    await store.put("a/key", text);
    expect(await keysOf(store)).toEqual(["a/key"]);

    await writeFile(join(outside, "key"), "outside");
    await symlink(outside, join(real, "out"));
    await symlink(join(outside, "key"), join(real, "file"));
    const denied = { code: "STORE_ACCESS_DENIED" };
    for (const key of ["out/key", "file"]) {
      await expect(store.get(key)).rejects.toMatchObject(denied);
      await expect(store.head(key)).rejects.toMatchObject(denied);
      await expect(store.put(key, text)).rejects.toMatchObject(denied);
      await expect(store.put(key, text, { condition: { kind: "ifAbsent" } })).rejects.toMatchObject(denied);
      await expect(store.delete(key)).rejects.toMatchObject(denied);
    }
    await expect(store.put("out/new/key", text)).rejects.toMatchObject(denied);
    await expect(keysOf(store, "out/")).rejects.toMatchObject(denied);
    expect(await keysOf(store)).toEqual(["a/key"]);
    expect(await readFile(join(outside, "key"), "utf8")).toBe("outside");
    await expect(access(join(outside, "new"))).rejects.toMatchObject(absent);
  });
});
