import { AssertionError, ok } from "node:assert/strict";
import {
  type ErrorCode,
  type GetOptions,
  isMlforgeError,
  type ListEntry,
  type ListOptions,
  type Store,
  type StoredObject,
} from "@mlforge/spec";

/** Reads the whole object, or a range of it, into one array. */
export async function read(store: Store, key: string, options?: GetOptions): Promise<Uint8Array> {
  await using result = await store.get(key, options);
  const parts: Uint8Array[] = [];
  for await (const part of result.body) parts.push(part);
  return Uint8Array.from(Buffer.concat(parts));
}

/** Returns the listing as strings: object keys, and prefixes, which end with `/` as no key can. */
export async function names(store: Store, prefix: string, options?: ListOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of store.list(prefix, options)) found.push(nameOf(entry));
  return found;
}

export function nameOf(entry: ListEntry): string {
  return entry.kind === "object" ? entry.info.key : entry.prefix;
}

/** Returns the part of head's info that put returns too. */
export async function stored(store: Store, key: string): Promise<StoredObject> {
  const { size, etag, ...info } = await store.head(key);
  return { key: info.key, size, etag };
}

/** Returns put's result without optional parts. */
export function told({ key, size, etag }: StoredObject): StoredObject {
  return { key, size, etag };
}

export async function exists(store: Store, key: string): Promise<boolean> {
  return (await codeOf(store.head(key))) === undefined;
}

/** Returns the code that a call rejects with, or undefined if it resolves. An error without a code fails the test. */
export async function codeOf(call: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (isMlforgeError(error)) return error.code;
    throw error;
  }
}

export async function rejects(call: Promise<unknown>, code: ErrorCode, what: string): Promise<void> {
  const actual = await codeOf(call);
  if (actual !== code) throw new AssertionError({ message: `${what} should reject with ${code}`, actual, expected: code });
}

/** Asserts that a call rejects with exactly this value, as an aborted call does with its signal's reason. */
export async function rejectsWith(call: Promise<unknown>, reason: unknown): Promise<void> {
  const outcome = await call.then(
    () => ({ rejected: false, error: undefined }),
    (error: unknown) => ({ rejected: true, error }),
  );
  ok(outcome.rejected, "an aborted call resolved");
  ok(outcome.error === reason, `rejected with ${String(outcome.error)} and not with the signal's reason`);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
