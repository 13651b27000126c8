import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Creates a folder and its parents if they are missing. Node's own recursive `mkdir` never ends below a folder that takes no others, such as `/proc`. */
export async function makeFolders(path: string, mode: number): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && (await stat(parent).catch(() => undefined)) === undefined) await makeFolders(parent, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST") || !(await stat(path)).isDirectory()) throw error;
  }
}
