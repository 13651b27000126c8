import { isAbsolute, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A path as declared, as text: URLs by their href. */
export function declaredPath(path: string | URL): string {
  return typeof path === "string" ? path : path.href;
}

/**
 * A path that is the same on every machine: files below the working directory are relative to it, with `/` between the folders.
 *
 * Paths elsewhere and URLs of other schemes stay as they are.
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

/** Whether a part of a path has characters of glob patterns. */
export function isPattern(part: string): boolean {
  return /[*?[\]{}]/.test(part);
}

/** What may follow the path in a URL. A question mark that is part of a pattern is none. */
export const queryOfUrl: RegExp = /[?#][^/?#=]*=[^/]*$|#[^/]*$/;

/** The name a path suggests: its file without its ending, or the folder of a glob. Undefined if nothing in it is a name. */
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
