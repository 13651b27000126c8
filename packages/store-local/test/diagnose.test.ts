import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PermissionCheck } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { runAsUser, temporaryFolder } from "./run-as-user.js";
import { temporaryRoot } from "./temporary-root.js";

const text = Buffer.from("text");
const allowed = { write: "allowed", "write if absent": "allowed", read: "allowed", delete: "allowed" };

function outcomesOf(checks: readonly PermissionCheck[]): Record<string, string> {
  return Object.fromEntries(checks.map(({ action, outcome }) => [action, outcome]));
}

async function everythingIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

describe("a store that may do everything", () => {
  it("says so, and which job needs what", async () => {
    const root = await temporaryRoot();
    await new LocalStore(root).put("key", text);
    expect(await new LocalStore(root).diagnose()).toEqual([
      { action: "write", outcome: "allowed", neededFor: ["build"], message: `wrote a file to ${join(root, ".mlforge", "tmp")}` },
      {
        action: "write if absent",
        outcome: "allowed",
        neededFor: ["build"],
        message: "when two writers create a file, the second is refused",
      },
      { action: "read", outcome: "allowed", neededFor: ["build", "training", "serving"], message: "read the file" },
      { action: "delete", outcome: "allowed", neededFor: ["build"], message: "deleted the file" },
    ]);
  });

  it("leaves nothing behind: not in its own folder, not in a root without one, and no root", async () => {
    const folder = await temporaryRoot();
    const root = join(folder, "a", "root");
    expect(outcomesOf(await new LocalStore(root).diagnose())).toEqual(allowed);
    expect(await everythingIn(folder)).toEqual([]);
    await mkdir(root, { recursive: true });
    expect(outcomesOf(await new LocalStore(root).diagnose())).toEqual(allowed);
    expect(await everythingIn(root)).toEqual([]);
    await new LocalStore(root).put("key", text);
    const before = await everythingIn(root);
    expect(outcomesOf(await new LocalStore(root).diagnose())).toEqual(allowed);
    expect(await everythingIn(root)).toEqual(before);
  });

  it("does not disturb writes at the same time, the first ones among them", async () => {
    const store = new LocalStore(join(await temporaryRoot(), "root"));
    const calls = Array.from({ length: 30 }, (_, i) => [store.put(`key${i}`, text), store.diagnose()]).flat();
    await Promise.all(calls);
    for (let i = 0; i < 30; i++) expect((await store.head(`key${i}`)).size).toBe(4);
  });
});

describe("a store that may not write", () => {
  it("says so for a folder whose mode forbids it, and reads an object instead", async () => {
    const root = await temporaryFolder();
    await new LocalStore(root).put("folder/key", text);
    await chmod(join(root, "folder/key"), 0o444);
    await rm(join(root, ".mlforge"), { recursive: true });
    await chmod(root, 0o555);
    expect(runAsUser("diagnose", root)).toMatchObject([
      {
        action: "write",
        outcome: "denied",
        message: `writing to ${root} is not permitted (EACCES); grant this user access to the folder, or choose another one`,
      },
      { action: "write if absent", outcome: "unknown", message: "not tested, because nothing could be written" },
      { action: "read", outcome: "allowed", message: `opened ${join(root, "folder", "key")} for reading` },
      { action: "delete", outcome: "unknown", message: "not tested, because nothing could be written" },
    ]);
  });

  it("does not know whether it may read where nothing is to be read", async () => {
    const root = await temporaryFolder();
    await chmod(root, 0o555);
    expect(runAsUser("diagnose", root)).toMatchObject([
      { outcome: "denied" },
      { outcome: "unknown" },
      { action: "read", outcome: "unknown", message: `not tested, because ${root} has no object to read` },
      { outcome: "unknown" },
    ]);
  });

  it("says that it may not read either where the mode forbids that too", async () => {
    const root = await temporaryFolder();
    await new LocalStore(root).put("key", text);
    await chmod(root, 0);
    expect(runAsUser("diagnose", root)).toMatchObject([
      { outcome: "denied" },
      { outcome: "unknown" },
      { action: "read", outcome: "denied" },
      { outcome: "unknown" },
    ]);
  });

  it("names the file in the way of the root", async () => {
    const file = join(await temporaryRoot(), "file");
    await writeFile(file, text);
    const message = expect.stringContaining(`${file} is a file; a store needs a folder`);
    for (const root of [file, join(file, "below", "it")]) {
      expect(await new LocalStore(root).diagnose()).toMatchObject([
        { action: "write", outcome: "denied", message },
        { action: "write if absent", outcome: "unknown" },
        { action: "read", outcome: "denied", message },
        { action: "delete", outcome: "unknown" },
      ]);
    }
  });
});

it("rejects with the reason of an abort", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(new LocalStore(await temporaryRoot()).diagnose({ signal })).rejects.toBe(signal.reason);
});
