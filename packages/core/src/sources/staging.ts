import { tmpdir } from "node:os";
import type { StagingFolder, Store } from "@mlforge/spec";
import { createOwnedFolder } from "@mlforge/spec/ownership";

/** The names of our folders in the system's temporary folder begin like this. */
const temporaryPrefix = "mlforge-work-";

/** Opens a folder for files on their way into the store: a folder of the store if it offers one, otherwise the system's temporary folder. */
export async function openStaging(store: Store): Promise<StagingFolder> {
  return store.stage === undefined ? openTemporary() : store.stage();
}

/** Opens a folder for files that never enter the store, which can be read-only. Removes the folders of killed processes. */
export async function openTemporary(): Promise<StagingFolder> {
  return createOwnedFolder(tmpdir(), temporaryPrefix);
}
