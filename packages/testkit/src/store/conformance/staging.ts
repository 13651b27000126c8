import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { readdir, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Law } from "../runner.js";
import { names, read, textOf } from "./expect.js";

/** Tests `stage` and `leftovers`, which are optional: a store without them passes. */
export function stagingLaws(law: Law): void {
  law(
    "a staging folder, if offered, is new and empty, hidden from list, and deleted by disposing of it, twice if need be",
    async (store) => {
      if (store.stage === undefined) return;
      const first = await store.stage();
      const second = await store.stage();
      notEqual(first.path, second.path);
      for (const { path } of [first, second]) {
        ok(isAbsolute(path), `${path} is not an absolute path`);
        deepEqual(await readdir(path), []);
      }
      await writeFile(join(first.path, "file"), "text");
      deepEqual(await names(store, ""), []);
      await first[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      equal(await isFolder(first.path), false);
      equal(await isFolder(second.path), true);
      await second[Symbol.asyncDispose]();
    },
  );

  law("leftovers, if offered, finds nothing while all processes run", async (store) => {
    if (store.leftovers === undefined) return;
    const staging = await store.stage?.();
    await Promise.all([store.put("a/key", Buffer.from("text")), store.put("b/key", Buffer.from("text")), store.delete("c/key")]);
    deepEqual(await store.leftovers(), []);
    await staging?.[Symbol.asyncDispose]();
  });

  law("a file moved from a staging folder, if offered, survives the folder", async (store) => {
    if (store.stage === undefined) return;
    const staging = await store.stage();
    const file = join(staging.path, "file");
    await writeFile(file, "text");
    await store.put("folder/key", { file, move: true });
    await staging[Symbol.asyncDispose]();
    equal(textOf(await read(store, "folder/key")), "text");
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
