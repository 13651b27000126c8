import { mkdir, rmdir, stat } from "node:fs/promises";

/** Returns the time of a file system, which can be another machine. Creates and removes a folder. Returns undefined if that fails. */
export async function folderClock(path: string): Promise<number | undefined> {
  try {
    await mkdir(path, { mode: 0o700 });
    const { mtimeMs } = await stat(path);
    await rmdir(path);
    return mtimeMs;
  } catch {
    return undefined;
  }
}
