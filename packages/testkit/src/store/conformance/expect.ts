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

/** The whole object, or the range of it, as one array. */
export async function read(store: Store, key: string, options?: GetOptions): Promise<Uint8Array> {
  await using result = await store.get(key, options);
  const parts: Uint8Array[] = [];
  for await (const part of result.body) parts.push(part);
  return Uint8Array.from(Buffer.concat(parts));
}

/** The listing as text: object keys as they are; prefixes end with `/`, as no key can. */
export async function names(store: Store, prefix: string, options?: ListOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of store.list(prefix, options)) found.push(nameOf(entry));
  return found;
}

export function nameOf(entry: ListEntry): string {
  return entry.kind === "object" ? entry.info.key : entry.prefix;
}

/** What head tells of an object, as far as put tells it too. */
export async function stored(store: Store, key: string): Promise<StoredObject> {
  const { size, etag, ...info } = await store.head(key);
  return { key: info.key, size, etag };
}

/** What put told, without what it may tell besides. */
export function told({ key, size, etag }: StoredObject): StoredObject {
  return { key, size, etag };
}

export async function exists(store: Store, key: string): Promise<boolean> {
  return (await codeOf(store.head(key))) === undefined;
}

/** The code a call rejects with; undefined if it resolves. An error without a code fails the test. */
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

/** Asserts that a call rejects with this very value, as an aborted call does with its signal's reason. */
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
