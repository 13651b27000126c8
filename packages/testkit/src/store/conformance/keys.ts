import { deepEqual, equal } from "node:assert/strict";
import type { Store } from "@mlforge/spec";
import type { Law } from "../runner.js";
import { bytesOf, codeOf, names, read, rejects, textOf } from "./expect.js";

const odd: readonly string[] = [
  "with space/in the middle",
  "per%2Fcent/%00/%",
  "plus+and&#=;@,$",
  "it's",
  "umlaut ü, 中文, emoji 🛫",
  "-dash/--double",
  ".hidden/.meta.json",
  "..two/...three",
  "~tilde/$HOME/`x`",
  "brackets[0]{a,b}(c)!",
  "date=2020-01-01/key=value",
  "__proto__/constructor",
  `${"a".repeat(200)}/`.repeat(3) + "long".repeat(25),
];

/** Names that some file systems do not support. */
const refusable: readonly string[] = [
  'colon:question?star*quote"angle<>pipe|',
  "line\nbreak\ttab",
  "\u0001control",
  "trailing dot.",
  " spaces around ",
  "con",
  "a".repeat(1_000),
];

const invalid: readonly (readonly [what: string, key: string])[] = [
  ["is empty", ""],
  ["is a slash", "/"],
  ["starts with a slash", "/a"],
  ["ends with a slash", "a/"],
  ["has an empty segment", "a//b"],
  ["has the segment .", "a/./b"],
  ["has the segment ..", "a/../b"],
  ["is ..", ".."],
  ["starts with ..", "../a"],
  ["ends with ..", "a/.."],
  ["has a NUL character", "a\0b"],
  ["has a backslash", "..\\a"],
  ["has a lone surrogate", "a\ud800b"],
  ["has 1,025 bytes", overlong("a".repeat(204))],
  ["has 1,025 bytes in fewer characters", overlong("é".repeat(102))],
];

export function keyLaws(law: Law): void {
  for (const key of odd) law(`the key ${JSON.stringify(key)} names an object`, (store) => namesAnObject(store, key));

  for (const key of refusable) {
    law(`the key ${JSON.stringify(key)} names an object or is refused`, async (store) => {
      const refusal = await codeOf(store.put(key, bytesOf(key)));
      if (refusal === undefined) return namesAnObject(store, key);
      equal(refusal, "STORE_KEY_INVALID");
      deepEqual(await names(store, ""), []);
    });
  }

  law("keys that differ only in Unicode normalization never name one object", (store) => areNeverOne(store, "\u00e9", "e\u0301"));
  law("keys that differ only in case never name one object", (store) => areNeverOne(store, "Key", "key"));
  law("keys that differ only in percent-encoding never name one object", (store) => areNeverOne(store, "a b", "a%20b"));

  for (const [what, key] of invalid) {
    law(`a key that ${what} is refused with STORE_KEY_INVALID`, async (store) => {
      await rejects(store.put(key, bytesOf("text")), "STORE_KEY_INVALID", "put");
      await rejects(store.get(key), "STORE_KEY_INVALID", "get");
      await rejects(store.head(key), "STORE_KEY_INVALID", "head");
      await rejects(store.delete(key), "STORE_KEY_INVALID", "delete");
      await rejects((async () => store.locate(key))(), "STORE_KEY_INVALID", "locate");
      deepEqual(await names(store, ""), []);
    });
  }
}

async function namesAnObject(store: Store, key: string): Promise<void> {
  await store.put(key, bytesOf(key));
  equal(textOf(await read(store, key)), key);
  equal((await store.head(key)).key, key);
  deepEqual(await names(store, ""), [key]);
  await store.delete(key);
  deepEqual(await names(store, ""), []);
}

/** Five segments of 204 bytes each, and one byte more. */
function overlong(segment: string): string {
  return `${Array.from({ length: 5 }, () => segment).join("/")}a`;
}

/** Tests that a store refuses the second key, or does not confuse it with the first. */
async function areNeverOne(store: Store, first: string, second: string): Promise<void> {
  await store.put(first, bytesOf("first"));
  await rejects(store.get(second), "STORE_NOT_FOUND", `get of ${JSON.stringify(second)}`);
  const refusal = await codeOf(store.put(second, bytesOf("second")));
  equal(textOf(await read(store, first)), "first");
  if (refusal === undefined) equal(textOf(await read(store, second)), "second");
  else equal(refusal, "STORE_KEY_INVALID");
}
