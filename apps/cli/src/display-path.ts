import { isAbsolute, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the command was called, before it went to the project's folder. */
const calledFrom = process.cwd();

/** A path as its reader would type it: relative where it lies below the folder the command was called from; URLs as they are. */
export function displayPath(path: string): string {
  if (isUrl(path)) return path;
  const below = relative(calledFrom, path);
  return below === "" || below.startsWith("..") || isAbsolute(below) ? path : below;
}

/** A path that was given on the command line, from the folder the command was called from; URLs as they are. */
export function calledPath(path: string): string {
  return isUrl(path) ? path : resolve(calledFrom, path);
}

function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

/** The path of a file URL; other URLs as they are. */
export function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}

/** Where something is, for people. */
export function displayUrl(url: string): string {
  return url.startsWith("file:") ? displayPath(fileURLToPath(url)) : url;
}
