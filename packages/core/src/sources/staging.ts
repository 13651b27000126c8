import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StagingFolder, Store } from "@mlforge/spec";

/** Opens a folder for files on their way into the store: a folder of the store if it offers one, otherwise the system's temporary folder. */
export async function openStaging(store: Store): Promise<StagingFolder> {
  return store.stage === undefined ? openTemporary() : store.stage();
}

/** Opens a folder for files that never enter the store, which can be read-only. */
export async function openTemporary(): Promise<StagingFolder> {
  const path = await mkdtemp(join(tmpdir(), "mlforge-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
