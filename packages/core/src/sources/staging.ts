import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // If it could not be opened, the features have failed with the error.
    const whole = await this.#whole?.catch(() => undefined);
    await whole?.[Symbol.asyncDispose]();
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
