import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { Law } from "../runner.js";
import { bytesOf, names, read, textOf } from "./expect.js";

const mebibyte = 1024 * 1024;

export function overwriteLaws(law: Law): void {
  law("after a put resolves, get, head and list see it", async (store) => {
    await store.put("folder/key", bytesOf("one"));
    for (const text of ["two", "and three", ""]) {
      const { etag } = await store.put("folder/key", bytesOf(text));
      equal(textOf(await read(store, "folder/key")), text);
      equal((await store.head("folder/key")).etag, etag);
      equal((await store.head("folder/key")).size, text.length);
      const listed = [];
      for await (const entry of store.list("folder/")) listed.push(entry.kind === "object" ? entry.info.etag : entry.prefix);
      deepEqual(listed, [etag]);
    }
  });

  law("a changed object has a different etag, however quickly it changed", async (store) => {
    let { etag } = await store.put("key", bytesOf("0"));
    for (let i = 1; i <= 30; i++) {
      const next = await store.put("key", bytesOf(`${i % 2}`));
      notEqual(next.etag, etag);
      ({ etag } = next);
    }
  });

  law("a changed object of a mebibyte has a different etag than all before it", async (store) => {
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const bytes = new Uint8Array(mebibyte);
      bytes[mebibyte / 2] = i;
      seen.add((await store.put("key", bytes)).etag);
    }
    equal(seen.size, 12);
  });

  law("a reader sees the whole old object or the whole new one", async (store) => {
    const rounds = 8;
    const etags = new Map<number, string>();
    const write = async (round: number): Promise<void> => {
      etags.set(round, (await store.put("key", new Uint8Array(mebibyte + round).fill(round))).etag);
    };
    await write(0);
    const seen: { readonly round: number; readonly etag: string }[] = [];
    let writing = true;
    const readUntilWritten = async (): Promise<void> => {
      let newest = 0;
      while (writing) {
        await using result = await store.get("key");
        let size = 0;
        const values = new Set<number>();
        for await (const part of result.body) {
          size += part.length;
          for (const value of new Set(part)) values.add(value);
        }
        const [round = -1] = values;
        equal(values.size, 1, "one read gave bytes of two objects");
        equal(size, mebibyte + round, "one read gave part of an object");
        equal(result.info.size, size);
        ok(round >= newest, "an older object came back after a newer one");
        newest = round;
        seen.push({ round, etag: result.info.etag });
      }
    };
    const writeAll = async (): Promise<void> => {
      try {
        for (let round = 1; round <= rounds; round++) await write(round);
      } finally {
        writing = false;
      }
    };
    await Promise.all([writeAll(), readUntilWritten(), readUntilWritten()]);
    for (const { round, etag } of seen) equal(etag, etags.get(round), "the etag of a read is not that of its bytes");
  });

  law("while an object is first written, a reader sees nothing or all of it", async (store) => {
    const size = 3 * mebibyte;
    let writing = true;
    const put = store.put("folder/key", new Uint8Array(size).fill(1)).finally(() => {
      writing = false;
    });
    while (writing) {
      const listed = await names(store, "");
      for (const key of listed) equal(key, "folder/key");
      if (listed.length > 0) equal((await read(store, "folder/key")).length, size);
    }
    equal((await put).size, size);
  });
}
