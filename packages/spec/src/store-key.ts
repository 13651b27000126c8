import { MlforgeError } from "./errors.js";

const maxKeyBytes = 1_024;

/** Checks that `key` is a valid store key. `store` is the name of the store, for the error. @throws STORE_KEY_INVALID */
export function checkStoreKey(store: string, key: string): void {
  const problem = problemOf(key);
  if (problem === undefined) return;
  throw new MlforgeError(
    "STORE_KEY_INVALID",
    `the key ${JSON.stringify(key)} ${problem}; use "/"-separated segments of text that are not empty, "." or ".."`,
    { store, key },
  );
}

/** Checks that `prefix` is a valid prefix for `list`: empty, or a key followed by `/`. @throws STORE_KEY_INVALID */
export function checkStorePrefix(store: string, prefix: string): void {
  if (prefix === "") return;
  if (!prefix.endsWith("/")) {
    throw new MlforgeError("STORE_KEY_INVALID", `the prefix ${JSON.stringify(prefix)} does not end with "/"; add it, or list ""`, {
      store,
      key: prefix,
    });
  }
  checkStoreKey(store, prefix.slice(0, -1));
}

/** Compares keys by their UTF-8 bytes, as `list` does. JavaScript's own order differs beyond U+FFFF. */
export function compareStoreKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return utf8Rank(x) - utf8Rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they rank above the code units U+E000 to U+FFFF. */
function utf8Rank(codeUnit: number): number {
  if (codeUnit >= 0xe000) return codeUnit - 0x800;
  return codeUnit >= 0xd800 ? codeUnit + 0x2000 : codeUnit;
}

function problemOf(key: string): string | undefined {
  if (key.includes("\0")) return "has a NUL character";
  if (key.includes("\\")) return "has a backslash";
  if (/\p{Surrogate}/u.test(key)) return "is not well-formed Unicode";
  if (key.split("/").some((segment) => segment === "" || segment === "." || segment === "..")) return 'has an empty, "." or ".." segment';
  if (new TextEncoder().encode(key).length > maxKeyBytes) return `is longer than ${maxKeyBytes} bytes`;
  return undefined;
}
