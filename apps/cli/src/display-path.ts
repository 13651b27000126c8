import { isAbsolute, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutCredentials } from "@mlforge/spec";
import { calledFrom } from "./called-from.js";

/** Makes a path relative if it is below the folder where the command was run. Removes credentials from URLs. */
export function displayPath(path: string): string {
  if (isUrl(path)) return withoutCredentials(path);
  const below = relative(calledFrom(), path);
  return below === "" || below.startsWith("..") || isAbsolute(below) ? path : below;
}

/** Resolves a path from the command line against the folder where the command was run. Returns URLs unchanged. */
export function calledPath(path: string): string {
  return isUrl(path) ? path : resolve(calledFrom(), path);
}

function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

/** Returns the path of a file URL. Returns other URLs unchanged. */
export function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}

/** Formats a URL for display. A file URL becomes a path. */
export function displayUrl(url: string): string {
  return url.startsWith("file:") ? displayPath(fileURLToPath(url)) : withoutCredentials(url);
}
