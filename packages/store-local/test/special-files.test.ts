import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { LocalStore } from "../src/index.js";
import { temporaryRoot } from "./temporary-root.js";

const text = Buffer.from("text");

describe.runIf(process.platform === "linux")("a root in /proc, which takes no folders", () => {
  it.each(["/proc/mlforge", "/proc/mlforge/a/b"])("ends every write at %s", async (root) => {
    const store = new LocalStore(root);
    const refused = { code: "STORE_ACCESS_DENIED", message: expect.stringContaining("takes no folders; choose another path") };
    await expect(store.put("key", text)).rejects.toMatchObject(refused);
    await expect(store.stage()).rejects.toMatchObject(refused);
    await expect(store.checkConditionalPut()).rejects.toMatchObject(refused);
    await expect(store.head("key")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
    expect((await store.diagnose())[0]).toMatchObject({ action: "write", outcome: "denied" });
  });
});

describe.runIf(process.platform === "linux")("what is not a regular file in place of an object", () => {
  const make: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
    FIFO: (path) => promisify(execFile)("mkfifo", [path]),
    socket: async (path) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
      await new Promise((resolve) => server.once("listening", resolve));
    },
  };

  it.each(Object.entries(make))("is refused, and never waited for: %s", async (_, create) => {
    const root = await temporaryRoot();
    const store = new LocalStore(root);
    await mkdir(join(root, "a"), { recursive: true });
    await writeFile(join(root, "a/other"), text);
    await create(join(root, "a/key"));
    const refused = { code: "STORE_ACCESS_DENIED", message: expect.stringContaining("is not a regular file") };
    await expect(store.head("a/key")).rejects.toMatchObject(refused);
    await expect(store.get("a/key")).rejects.toMatchObject(refused);
    await expect(store.copy("a/key", "a/copy")).rejects.toMatchObject(refused);
    const replace = store.put("a/key", text, { condition: { kind: "ifMatch", etag: "0" } });
    await expect(replace).rejects.toMatchObject(refused);
    const keys: string[] = [];
    for await (const entry of store.list("")) if (entry.kind === "object") keys.push(entry.info.key);
    expect(keys).toEqual(["a/other"]);
    await rm(join(root, "a/key"));
    await store.put("a/key", text);
  });
});
