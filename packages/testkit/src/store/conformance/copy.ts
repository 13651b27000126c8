import { deepEqual, equal, ok } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { CopyOptions, Store, StoreCapabilities } from "@mlforge/spec";
import type { Law } from "../runner.js";
import { bytesOf, codeOf, exists, names, read, rejects, rejectsWith, stored, textOf, told } from "./expect.js";

type Copy = NonNullable<Store["copy"]>;

const ifAbsent: CopyOptions = { condition: { kind: "ifAbsent" } };
const large = 5 * 1024 * 1024 + 1;
/** Small objects and large ones are often copied in different ways. */
const sizes = [0, 1, 300_000, large];
const oddKeys = ["with space/and+plus", "per%2Fcent/%20", "umlaut ü, 中文, emoji 🛫", "a=b&c?d#e", "brackets[0]{a,b}(c)!'"];

/** Tests `copy`, which is optional: a store without it passes. */
export function copyLaws(law: Law, { conditionalPut }: StoreCapabilities): void {
  const copyLaw = (title: string, body: (store: Store, copy: Copy) => Promise<void>): void => {
    law(`if the store copies, ${title}`, async (store) => {
      if (store.copy !== undefined) await body(store, store.copy.bind(store));
    });
  };

  for (const size of sizes) {
    copyLaw(`a copy of ${size} bytes has them, and copy returns what head returns`, async (store, copy) => {
      const bytes = patterned(size, 1);
      await store.put("folder/from", bytes);
      const info = await copy("folder/from", "other/to");
      deepEqual(info.key, "other/to");
      equal(info.size, size);
      deepEqual(await stored(store, "other/to"), told(info));
      ok(Buffer.from(await read(store, "other/to")).equals(bytes), "the copy has other bytes");
      ok(Buffer.from(await read(store, "folder/from")).equals(bytes), "the source changed");
      for await (const entry of store.list("other/")) equal(entry.kind === "object" && entry.info.etag, info.etag);
      deepEqual(await names(store, ""), ["folder/from", "other/to"]);
    });

    copyLaw(`a put or delete of the source or the copy of ${size} bytes does not change the other`, async (store, copy) => {
      const bytes = patterned(size, 2);
      await store.put("from", bytes);
      for (const to of ["a", "b", "c"]) await copy("from", to);
      await store.put("a", bytesOf("new a"));
      await store.delete("b");
      ok(Buffer.from(await read(store, "from")).equals(bytes), "the source changed with its copy");
      ok(Buffer.from(await read(store, "c")).equals(bytes), "a copy changed with another one");
      await store.put("from", bytesOf("new source"));
      ok(Buffer.from(await read(store, "c")).equals(bytes), "the copy changed with its source");
      await store.delete("from");
      ok(Buffer.from(await read(store, "c")).equals(bytes), "the copy went with its source");
      equal(textOf(await read(store, "a")), "new a");
    });
  }

  copyLaw("it replaces the target, and can be repeated", async (store, copy) => {
    await store.put("from", bytesOf("new"));
    await store.put("to", bytesOf("an old object, longer"));
    for (let again = 0; again < 3; again++) {
      const { etag } = await copy("from", "to");
      equal(textOf(await read(store, "to")), "new");
      equal((await store.head("to")).etag, etag);
    }
  });

  copyLaw("a copy onto itself leaves the object", async (store, copy) => {
    for (const size of sizes) {
      const bytes = patterned(size, 3);
      const { etag } = await store.put("key", bytes);
      const info = await copy("key", "key");
      equal(info.etag, etag);
      ok(Buffer.from(await read(store, "key")).equals(bytes), "the object changed");
      deepEqual(await stored(store, "key"), told(info));
    }
  });

  copyLaw("a copy of a missing object rejects with STORE_NOT_FOUND and writes nothing", async (store, copy) => {
    await store.put("to", bytesOf("text"));
    await rejects(copy("missing", "new"), "STORE_NOT_FOUND", "copy");
    await rejects(copy("missing", "to"), "STORE_NOT_FOUND", "copy over an object");
    await rejects(copy("missing", "missing"), "STORE_NOT_FOUND", "copy onto itself");
    await rejects(copy("missing", "new", { sourceEtag: "etag" }), "STORE_NOT_FOUND", "copy with an etag");
    await store.put("folder/key", bytesOf("text"));
    await rejects(copy("folder", "new"), "STORE_NOT_FOUND", "copy of a prefix");
    deepEqual(await names(store, ""), ["folder/key", "to"]);
    equal(textOf(await read(store, "to")), "text");
  });

  copyLaw("a copy with another sourceEtag than that of the source is refused and writes nothing", async (store, copy) => {
    for (const size of sizes.slice(1)) {
      const old = await store.put("from", patterned(size, 5));
      await store.put("from", patterned(size, 6));
      await store.put("to", bytesOf("old"));
      for (const sourceEtag of [old.etag, "other"]) {
        for (const to of ["to", "new"]) {
          const code = await codeOf(copy("from", to, { sourceEtag }));
          ok(code === "STORE_CONFLICT" || code === "CAPABILITY_MISSING", `the copy of ${size} bytes gave ${code ?? "success"}`);
        }
      }
      equal(textOf(await read(store, "to")), "old");
      equal(await exists(store, "new"), false);
    }
  });

  copyLaw(
    "a copy with the sourceEtag of the source has its bytes, or is refused with CAPABILITY_MISSING and writes nothing",
    async (store, copy) => {
      for (const size of sizes) {
        const bytes = patterned(size, 7);
        const { etag } = await store.put("from", bytes);
        const code = await codeOf(copy("from", `to/${size}`, { sourceEtag: etag }));
        if (code !== undefined) equal(code, "CAPABILITY_MISSING");
        equal(await exists(store, `to/${size}`), code === undefined);
        if (code === undefined) ok(Buffer.from(await read(store, `to/${size}`)).equals(bytes), "the copy has other bytes");
      }
    },
  );

  copyLaw("it copies from and to keys with odd characters", async (store, copy) => {
    for (const [index, key] of oddKeys.entries()) {
      await store.put(key, bytesOf(key));
      const to = `${key}.copy ${index} %41+é`;
      await copy(key, to);
      equal(textOf(await read(store, to)), key);
    }
    equal((await names(store, "")).length, 2 * oddKeys.length);
  });

  copyLaw("an invalid key on either side is refused with STORE_KEY_INVALID", async (store, copy) => {
    await store.put("key", bytesOf("text"));
    for (const key of ["", "/a", "a/", "a//b", "../a", "a/../key", "a\0b"]) {
      await rejects(copy(key, "new"), "STORE_KEY_INVALID", `copy from ${JSON.stringify(key)}`);
      await rejects(copy("key", key), "STORE_KEY_INVALID", `copy to ${JSON.stringify(key)}`);
    }
    deepEqual(await names(store, ""), ["key"]);
  });

  copyLaw("an aborted copy rejects with the signal's reason and writes nothing", async (store, copy) => {
    await store.put("from", bytesOf("text"));
    const reason = new Error("stop");
    await rejectsWith(copy("from", "to", { signal: AbortSignal.abort(reason) }), reason);
    equal(await exists(store, "to"), false);
  });

  copyLaw("a copy aborted while it runs stores all or nothing, and rejects with the signal's reason if it rejects", async (store, copy) => {
    const bytes = patterned(2 * 1024 * 1024, 8);
    await store.put("from", bytes);
    for (let round = 0; round < 8; round++) {
      const controller = new AbortController();
      const reason = new Error("stop");
      const outcome = copy("from", `to/${round}`, { signal: controller.signal }).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      await afterTurns(round * round);
      controller.abort(reason);
      const rejection = await outcome;
      if (rejection !== undefined) ok(rejection.error === reason, `rejected with ${String(rejection.error)}`);
      const stored = await exists(store, `to/${round}`);
      if (rejection === undefined) ok(stored, "a copy resolved and stored nothing");
      if (stored) ok(Buffer.from(await read(store, `to/${round}`)).equals(bytes), "part of an object was stored");
    }
    ok(Buffer.from(await read(store, "from")).equals(bytes), "the source changed");
  });

  copyLaw(
    "a copy of an object that is replaced during the copy has all of one state of it, the one of sourceEtag if given",
    async (store, copy) => {
      for (let round = 0; round < 8; round++) {
        const { etag } = await store.put("from", new Uint8Array(large).fill(round));
        const sourceEtag = round % 2 === 0 ? undefined : etag;
        const [code] = await Promise.all([
          codeOf(copy("from", "to", { sourceEtag })),
          afterTurns(round).then(() => store.put("from", new Uint8Array(large).fill(round + 1))),
        ]);
        if (code !== undefined) {
          ok(code === "STORE_CONFLICT" || (sourceEtag !== undefined && code === "CAPABILITY_MISSING"), `the copy gave ${code}`);
          continue;
        }
        const values = [...new Set(await read(store, "to"))];
        ok(values.length === 1, `the copy has bytes of ${values.length} states`);
        ok(
          values[0] === round || (values[0] === round + 1 && sourceEtag === undefined),
          `the copy has the bytes of another state, ${values[0]}`,
        );
      }
    },
  );

  copyLaw("a reader sees the whole old target or the whole copy", async (store, copy) => {
    await store.put("from", new Uint8Array(large).fill(1));
    await store.put("to", new Uint8Array(1_000_000).fill(2));
    let copying = true;
    const done = copy("from", "to").finally(() => {
      copying = false;
    });
    while (copying) {
      const bytes = await read(store, "to");
      const expected = bytes.length === large ? 1 : 2;
      equal(bytes.length, expected === 1 ? large : 1_000_000, "a reader saw part of the copy");
      deepEqual([...new Set(bytes)], [expected]);
    }
    await done;
    equal((await store.head("to")).size, large);
  });

  if (conditionalPut === "none") {
    copyLaw("a store without conditional puts refuses ifAbsent with CAPABILITY_MISSING and writes nothing", async (store, copy) => {
      await store.put("from", bytesOf("text"));
      await rejects(copy("from", "to", ifAbsent), "CAPABILITY_MISSING", "copy");
      equal(await exists(store, "to"), false);
    });
    return;
  }

  copyLaw("ifAbsent creates a missing object, or is refused with CAPABILITY_MISSING and creates nothing", async (store, copy) => {
    await store.put("from", bytesOf("text"));
    const code = await codeOf(copy("from", "to", ifAbsent));
    if (code === undefined) equal(textOf(await read(store, "to")), "text");
    else equal(code, "CAPABILITY_MISSING");
    equal(await exists(store, "to"), code === undefined);
  });

  copyLaw("ifAbsent of an existing target rejects with STORE_CONFLICT or CAPABILITY_MISSING, and leaves it", async (store, copy) => {
    await store.put("from", bytesOf("text"));
    await store.put("to", bytesOf("old"));
    const before = await store.head("to");
    const [other, itself] = [await codeOf(copy("from", "to", ifAbsent)), await codeOf(copy("from", "from", ifAbsent))];
    ok(other === "STORE_CONFLICT" || other === "CAPABILITY_MISSING", `the copy gave ${other ?? "success"}`);
    ok(itself === "STORE_CONFLICT" || itself === "CAPABILITY_MISSING", `the copy onto itself gave ${itself ?? "success"}`);
    deepEqual(await store.head("to"), before);
    equal(textOf(await read(store, "to")), "old");
  });

  for (const puts of [0, 2]) {
    copyLaw(
      `exactly one of 4 copies and ${puts} puts racing with ifAbsent wins, unless copies refuse it, and its bytes stay`,
      async (store, copy) => {
        await Promise.all(Array.from({ length: 4 }, (_, i) => store.put(`from/${i}`, Uint8Array.of(i))));
        for (let round = 0; round < 10; round++) {
          const to = `race/${round}`;
          const outcomes = await Promise.all([
            ...Array.from({ length: 4 }, (_, i) => codeOf(copy(`from/${i}`, to, ifAbsent))),
            ...Array.from({ length: puts }, (_, i) => codeOf(store.put(to, Uint8Array.of(4 + i), ifAbsent))),
          ]);
          const shown = `outcomes were ${outcomes.map((code) => code ?? "success").join()}`;
          const won = outcomes.indexOf(undefined);
          if (won < 0 && puts === 0) {
            deepEqual(new Set(outcomes), new Set(["CAPABILITY_MISSING"]), shown);
            continue;
          }
          ok(won >= 0 && won === outcomes.lastIndexOf(undefined), shown);
          ok(
            outcomes.every((code, i) => code === undefined || code === "STORE_CONFLICT" || (i < 4 && code === "CAPABILITY_MISSING")),
            shown,
          );
          deepEqual([...(await read(store, to))], [won]);
        }
      },
    );
  }

  copyLaw("the etag of a copy is one for ifMatch", async (store, copy) => {
    for (const size of sizes) {
      await store.put("from", patterned(size, 4));
      const { etag } = await copy("from", "to");
      const replaced = await store.put("to", bytesOf(`replaced ${size}`), { condition: { kind: "ifMatch", etag } });
      ok(replaced.etag !== etag, "the changed copy kept its etag");
      await rejects(store.put("to", bytesOf("x"), { condition: { kind: "ifMatch", etag } }), "STORE_CONFLICT", "put");
    }
  });
}

function patterned(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed + (i >> 8)) % 251);
}

/** Resolves a little later in each round, so that the rounds meet a racing call at different times. */
async function afterTurns(rounds: number): Promise<void> {
  for (let turn = 0; turn < rounds * 4; turn++) await setImmediate();
}
