import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const scratch = fileURLToPath(new URL("../.cache/runs/", import.meta.url));

/** Does work in a new folder, which is removed at its end. */
export async function inScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(scratch);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
