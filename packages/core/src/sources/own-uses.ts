import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolders } from "./make-folders.js";

/** After this time, the files that another host left in a shared cache are considered abandoned. */
const foreignMaxAge = 7 * 24 * 60 * 60 * 1000;

/**
 * Creates a folder for the file names that this process uses. Removes the folders of processes that have ended.
 *
 * @param uses the folder that contains those of all processes
 */
export async function makeOwnUses(uses: string): Promise<string> {
  await makeFolders(uses, 0o700);
  const host = hostname().replace(/[^A-Za-z0-9.-]/g, "_");
  for (const name of await readdir(uses)) {
    if (await isLeft(join(uses, name), name, host)) await rm(join(uses, name), { recursive: true, force: true });
  }
  const own = join(uses, `${host}~${process.pid}~${randomUUID()}`);
  await mkdir(own, { mode: 0o700 });
  return own;
}

async function isLeft(path: string, name: string, host: string): Promise<boolean> {
  const [owner, pid] = name.split("~");
  if (owner === host) return !isAlive(Number(pid));
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > foreignMaxAge;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
