import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MlforgeError, type StagingFolder, type Store } from "@mlforge/spec";
import { createOwnedFolder } from "@mlforge/spec/ownership";

/** The names of our folders in the system's temporary folder begin like this. */
export const temporaryPrefix = "mlforge-work-";

/** Opens a folder for files on their way into the store: a folder of the store if it offers one, otherwise the system's temporary folder. */
export async function openStaging(store: Store): Promise<StagingFolder> {
  return store.stage === undefined ? openTemporary() : store.stage();
}

/**
 * Opens a folder for files that never enter the store, which can be read-only. Removes the folders of killed processes.
 *
 * @throws USAGE_INVALID, STORE_FULL
 */
export async function openTemporary(): Promise<StagingFolder> {
  const folder = tmpdir();
  try {
    return await createOwnedFolder(folder, temporaryPrefix);
  } catch (error) {
    throw temporaryTrouble(error, folder);
  }
}

const full: readonly unknown[] = ["ENOSPC", "EDQUOT"];

function temporaryTrouble(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const options = { cause: error };
  const advice = "set TMPDIR to a folder that this user can write to";
  if (full.includes(error.code)) {
    const message = `no space left in the temporary folder ${folder}; free some space, or ${advice}`;
    return new MlforgeError("STORE_FULL", message, { store: "temporary folder", key: folder }, options);
  }
  const message = `the temporary folder ${folder} cannot be used (${error.message}); ${advice}`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "TMPDIR" }, options);
}

/** Opens one staging folder for many features, and gives each a folder in it. */
export class SharedStaging implements AsyncDisposable {
  readonly #store: Store;
  #whole: Promise<StagingFolder> | undefined;
  #opened = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Creates an empty folder. Disposing of it deletes it. */
  async open(): Promise<StagingFolder> {
    const path = join((await this.#open()).path, String(this.#opened++));
    await mkdir(path);
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }).catch(() => undefined) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // If it could not be opened, the features have failed with the error.
    const whole = await this.#whole?.catch(() => undefined);
    try {
      await whole?.[Symbol.asyncDispose]();
    } catch {
      // The folder is removed later. The result of the work is valid.
    }
  }

  /** Tries again for each feature while it fails. */
  #open(): Promise<StagingFolder> {
    const whole = this.#whole ?? openStaging(this.#store);
    this.#whole = whole;
    whole.catch(() => {
      if (this.#whole === whole) this.#whole = undefined;
    });
    return whole;
  }
}
