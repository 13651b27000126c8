import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { corruptData } from "../log/data-file.js";
import type { DataFile } from "../log/metadata.js";
import { fileState } from "../sources/file-state.js";
import { hashFile } from "../sources/hash-file.js";

/** The SHA-256 of local data files that this process has read, by path, with the state that each file had. */
const checked = new Map<string, { readonly state: string; readonly sha256: string }>();

/**
 * Compares the content of a local data file with its metadata. Reads the file only if it was not read before in its current state.
 *
 * @throws DATA_CORRUPT
 */
export async function expectContent(key: string, url: string, file: DataFile, signal?: AbortSignal): Promise<void> {
  const path = fileURLToPath(url);
  const state = fileState(await stat(path, { bigint: true }));
  const known = checked.get(path);
  if (known?.state !== state || known.sha256 !== file.sha256) {
    const { sha256 } = await hashFile(path, signal);
    if (sha256 !== file.sha256) throw corruptData(key, `its SHA-256 is ${sha256} instead of ${file.sha256}`);
    checked.set(path, { state, sha256 });
  }
}
