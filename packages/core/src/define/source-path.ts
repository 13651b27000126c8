import { isAbsolute, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Returns a declared path as a string. A URL becomes its href. */
export function declaredPath(path: string | URL): string {
  return typeof path === "string" ? path : path.href;
}

/**
 * Returns a path that is the same on every machine: relative to the working directory for files below it, with `/` between folders.
 *
 * Keeps paths elsewhere and URLs of other schemes.
 */
export function portablePath(path: string, workingDirectory: string): string {
  if (/^file:\/\//i.test(path)) return belowDirectory(fileURLToPath(path), workingDirectory);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return path;
  return belowDirectory(path, workingDirectory);
}

function belowDirectory(path: string, workingDirectory: string): string {
  const below = relative(workingDirectory, resolve(workingDirectory, path));
  const outside = below === "" || below.split(sep)[0] === ".." || isAbsolute(below);
  const local = outside ? path : below;
  return posix.normalize(local.split(sep).join("/"));
}

/** Returns true if a part of a path contains glob characters. */
export function isPattern(part: string): boolean {
  return /[*?[\]{}]/.test(part);
}

/** The query and fragment of a URL. A question mark in a pattern does not start a query. */
export const queryOfUrl: RegExp = /[?#][^/?#=]*=[^/]*$|#[^/]*$/;

/** Suggests a name for a path: the file name without its ending, or the folder of a glob. Undefined if neither is a valid name. */
export function stemOf(path: string): string | undefined {
  const segments = path
    .replace(queryOfUrl, "")
    .split(/[/\\]/)
    .filter((segment) => !isPattern(segment));
  const name = (segments.at(-1) ?? "")
    .replace(/(?<=.)(?:\.(?:gz|zst))$/i, "")
    .replace(/\.[^.]*$/, "")
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^(?=\d)/, "_")
    .slice(0, 128);
  return /[A-Za-z0-9]/.test(name) ? name : undefined;
}
