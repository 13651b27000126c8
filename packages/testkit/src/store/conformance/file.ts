import { equal, ok } from "node:assert/strict";
import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Law } from "../runner.js";
import { bytesOf, exists, read, textOf } from "./expect.js";

export function fileLaws(law: Law): void {
  law("put from a file stores its bytes and keeps the file", async (store) => {
    await withFile(async (file) => {
      const bytes = new Uint8Array(300_000).fill(7);
      await writeFile(file, bytes);
      const info = await store.put("folder/key", { file });
      equal(info.size, bytes.length);
      await writeFile(file, "the file is not the object");
      ok(Buffer.from(await read(store, "folder/key")).equals(bytes), "other bytes came back");
      equal(await readFile(file, "utf8"), "the file is not the object");
    });
  });

  law("put from a file with move stores its bytes, and replaces an object", async (store) => {
    await withFile(async (file) => {
      for (const text of ["one", "two", ""]) {
        await writeFile(file, text);
        await store.put("folder/key", { file, move: true });
        equal(textOf(await read(store, "folder/key")), text);
      }
    });
  });

  law("put from a moved file is stamped with the time of the put, not of the file", async (store) => {
    await withFile(async (file) => {
      await store.put("before", bytesOf("text"));
      const { modifiedAt: before } = await store.head("before");
      await writeFile(file, "text");
      await utimes(file, new Date(0), new Date(0));
      await store.put("key", { file, move: true });
      const { modifiedAt } = await store.head("key");
      ok(modifiedAt.getTime() >= before.getTime() - 2_000, `modifiedAt is ${modifiedAt.toISOString()}`);
    });
  });

  law("put from a missing file rejects and stores nothing", async (store) => {
    await withFile(async (file) => {
      const rejected = await store.put("key", { file }).then(
        () => false,
        () => true,
      );
      ok(rejected, "put from a missing file resolved");
      equal(await exists(store, "key"), false);
    });
  });
}

async function withFile(body: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-testkit-"));
  try {
    await body(join(folder, "file"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
