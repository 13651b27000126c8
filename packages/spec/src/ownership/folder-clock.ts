import { mkdir, rmdir, stat } from "node:fs/promises";

/** Returns the time of a file system, which can be that of another machine, from a folder that it creates and removes. Undefined if it cannot. */
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
