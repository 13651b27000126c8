import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LocalStore } from "../src/index.js";
import { temporaryRoot } from "./temporary-root.js";

it("tells the time of the file system, and leaves nothing behind", async () => {
  const folder = await temporaryRoot();
  for (const root of [join(folder, "not/there"), folder]) {
    const before = Date.now();
    const at = (await new LocalStore(root).clock()).getTime();
    expect(at).toBeGreaterThan(before - 2_000);
    expect(at).toBeLessThan(Date.now() + 2_000);
    expect(await readdir(folder)).toEqual([]);
  }
  await new LocalStore(folder).put("key", Buffer.from("text"));
  const there = (await readdir(folder, { recursive: true })).sort();
  await new LocalStore(folder).clock();
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(there);
});

it("cannot tell it where nothing may be written", async () => {
  const file = join(await temporaryRoot(), "file");
  await writeFile(file, "");
  await expect(new LocalStore(file).clock()).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
});

it("rejects with the reason of an abort", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(new LocalStore(await temporaryRoot()).clock({ signal })).rejects.toBe(signal.reason);
});
