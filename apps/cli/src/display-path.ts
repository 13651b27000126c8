import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the command was called, before it went to the project's folder. */
const calledFrom = process.cwd();

/** A path as its reader would type it: relative where it lies below the folder the command was called from. */
export function displayPath(path: string): string {
  const below = relative(calledFrom, path);
  return below === "" || below.startsWith("..") || isAbsolute(below) ? path : below;
}

/** The path of a file URL; other URLs as they are. */
export function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}

/** Where something is, for people. */
export function displayUrl(url: string): string {
  return url.startsWith("file:") ? displayPath(fileURLToPath(url)) : url;
}
