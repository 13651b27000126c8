import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@mlforge/spec";
import { onTestFinished } from "vitest";

/** A new, empty folder that is deleted when the test ends. */
export async function temporaryRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "mlforge-local-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** The names in the store's own folders, such as `tmp/...`; none when nothing was left behind. */
export async function leftovers(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["tmp", "locks", "staging"]) {
    for (const name of await readdir(join(root, ".mlforge", folder))) found.push(`${folder}/${name}`);
  }
  return found;
}

export async function keysOf(store: Store, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of store.list(prefix)) keys.push(entry.kind === "object" ? entry.info.key : entry.prefix);
  return keys;
}

export async function bytesAt(store: Store, key: string): Promise<Buffer> {
  const { body } = await store.get(key);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
