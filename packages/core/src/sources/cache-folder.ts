import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface CacheOptions {
  /** The folder. Several processes can share it. Defaults to `mlforge` in the user's cache folder. */
  readonly path?: string | URL | undefined;
  /** The maximum number of bytes to keep when no process uses them. The least recently used files are removed first. Defaults to 10 GiB. */
  readonly maxBytes?: number | undefined;
}

export function cacheFolder(path: string | URL | undefined): string {
  if (path === undefined) return join(userCaches(), "mlforge");
  return resolve(path instanceof URL ? fileURLToPath(path) : path);
}

/** Returns the system folder for data that can be fetched again. Follows the XDG Base Directory Specification on Linux. */
function userCaches(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (xdg !== undefined && xdg !== "") return xdg;
  if (process.platform === "win32" && local !== undefined) return local;
  return process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}
