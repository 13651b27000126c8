import { lstat, readdir, rename, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MlforgeError } from "@mlforge/spec";
import { createOwnedFolder, makeFolders, type OwnedFolder } from "@mlforge/spec/ownership";
import type { ProjectFiles } from "./project.js";

/** Checks that a folder is empty or does not exist. @throws USAGE_INVALID */
export async function expectFree(folder: string): Promise<void> {
  const found = await lstat(folder).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw unwritable(folder, error);
  });
  if (found === undefined) return;
  const isEmpty = found.isDirectory() && (await readdir(folder)).length === 0;
  if (!isEmpty) throw taken(folder);
}

/**
 * Writes a project to a temporary folder and then moves it into place. A failure leaves nothing behind, and nothing is overwritten.
 *
 * @throws USAGE_INVALID
 */
export async function writeProject(folder: string, files: ProjectFiles, signal: AbortSignal): Promise<void> {
  await expectFree(folder);
  let draft: OwnedFolder | undefined;
  try {
    draft = await createOwnedFolder(dirname(folder), ".mlforge-init-");
    const project = join(draft.path, basename(folder));
    for (const [path, text] of Object.entries(files)) {
      await makeFolders(dirname(join(project, path)), 0o777);
      await writeFile(join(project, path), text, { signal });
    }
    signal.throwIfAborted();
    // On Windows an empty folder would prevent the move. A folder that is no longer empty stays, and then the move fails.
    await rmdir(folder).catch(() => {});
    await rename(project, folder);
  } catch (error) {
    signal.throwIfAborted();
    if (isSystemError(error, "ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM") && (await exists(folder))) throw taken(folder);
    throw unwritable(folder, error);
  } finally {
    await draft?.[Symbol.asyncDispose]();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

function taken(folder: string): MlforgeError<"USAGE_INVALID"> {
  const message = `"${basename(folder)}" already exists and is not an empty folder; choose another name. mlforge init never overwrites anything`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "name" });
}

function unwritable(folder: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const message = `cannot create the folder "${folder}": ${error.message}; run mlforge init in a folder that you can write to`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "name" }, { cause: error });
}

function isSystemError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}
