import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface CacheOptions {
  /** The folder, which several processes may share; `mlforge` in the user's cache folder unless told. */
  readonly path?: string | URL | undefined;
  /** How many bytes it keeps when nothing uses them; 10 GiB unless told. What was not used for longest goes first. */
  readonly maxBytes?: number | undefined;
}

export function cacheFolder(path: string | URL | undefined): string {
  if (path === undefined) return join(userCaches(), "mlforge");
  return resolve(path instanceof URL ? fileURLToPath(path) : path);
}

/** Where the system keeps what can be fetched again; on Linux as the XDG Base Directory Specification says. */
function userCaches(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (xdg !== undefined && xdg !== "") return xdg;
  if (process.platform === "win32" && local !== undefined) return local;
  return process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}
