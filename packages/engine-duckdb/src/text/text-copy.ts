import { rm } from "node:fs/promises";

/** How long a copy is kept after its last reader, because one job reads a file in several queries. */
const keepMs = 30_000;

/** A copy of a text file in the engine's temporary folder. Removed once no query has read it for a while. */
export class TextCopy {
  readonly #folder: string;
  readonly #onRemove: () => void;
  #readers = 0;
  #removing: NodeJS.Timeout | undefined;

  /**
   * @param folder The folder that contains only the copy.
   * @param onRemove Called before the copy is removed. From then on, nobody may hold it.
   */
  constructor(folder: string, onRemove: () => void) {
    this.#folder = folder;
    this.#onRemove = onRemove;
  }

  /** Keeps the copy until the returned function is called, once. */
  hold(): () => void {
    this.#readers++;
    clearTimeout(this.#removing);
    return () => {
      this.#readers--;
      if (this.#readers === 0) this.#removing = setTimeout(() => this.#remove(), keepMs).unref();
    };
  }

  #remove(): void {
    this.#onRemove();
    // A copy that cannot be removed now goes with the folder of the engine.
    rm(this.#folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
