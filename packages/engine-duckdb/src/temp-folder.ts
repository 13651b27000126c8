import { rmSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolders } from "./make-folders.js";

/** Folders of this process, removed at exit if nobody disposed of the engine. */
const held = new Set<string>();

/** Creates a folder below `parent` for spilled data. Also removes folders of killed processes of this machine and user. */
export async function createTempFolder(parent: string): Promise<string> {
  await makeFolders(parent);
  await removeLeftovers(parent);
  const folder = await mkdtemp(join(parent, `${prefix()}${process.pid}-`));
  if (held.size === 0) process.once("exit", removeHeld);
  held.add(folder);
  return folder;
}

export async function removeTempFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  held.delete(folder);
  if (held.size === 0) process.off("exit", removeHeld);
}

function removeHeld(): void {
  for (const folder of held) rmSync(folder, { recursive: true, force: true });
}

/** Returns the prefix of folder names. It contains the host, because process ids mean nothing to another container that shares the folder. */
function prefix(): string {
  return `mlforge-duckdb-${hostname()}-`;
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix())) continue;
    const pid = Number.parseInt(name.slice(prefix().length), 10);
    const folder = join(parent, name);
    if (Number.isNaN(pid) || isRunning(pid) || !(await isOwn(folder))) continue;
    await rm(folder, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

async function isOwn(folder: string): Promise<boolean> {
  try {
    const { uid } = await stat(folder);
    return process.getuid === undefined || uid === process.getuid();
  } catch (error) {
    // Another process was faster.
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
