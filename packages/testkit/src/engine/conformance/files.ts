import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Returns the paths of the files in a folder and below it, without those whose names begin with a point. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
