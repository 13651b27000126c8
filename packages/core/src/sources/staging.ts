import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StagingFolder, Store } from "@mlforge/spec";

/** A folder for files on their way into the store: the store's own where it offers one, else in the system's temporary folder. */
export async function openStaging(store: Store): Promise<StagingFolder> {
  return store.stage === undefined ? openTemporary() : store.stage();
}

/** A folder for files that never enter the store, which may be read-only. */
export async function openTemporary(): Promise<StagingFolder> {
  const path = await mkdtemp(join(tmpdir(), "mlforge-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
