import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import picomatch from "picomatch";
import { glob } from "tinyglobby";
import { isHiddenPath } from "./hidden-paths.js";
import { sourceUnreadable } from "./source-unreadable.js";

/** Counts the files that a pattern matches and that are not data. */
export class Skipped {
  readonly readsAll: boolean;
  count = 0;

  constructor(readsAll = false) {
    this.readsAll = readsAll;
  }

  readonly isHidden = (below: string, pattern: string): boolean => {
    const isHidden = !this.readsAll && isHiddenPath(below, pattern);
    if (isHidden) this.count += 1;
    return isHidden;
  };
}

/**
 * Returns the absolute paths of the files on this machine that a pattern matches.
 *
 * @throws SOURCE_UNREADABLE where it also matches something else: a link to nothing, a pipe, or a folder named like a file. To pass over it would lose its rows.
 */
export async function matchingFiles(source: string, pattern: string, skipped: Skipped): Promise<readonly string[]> {
  const found = await glob(pattern, { absolute: true, onlyFiles: true, expandDirectories: false, dot: skipped.readsAll });
  const base = resolve(picomatch.scan(pattern).base.replace(/\\(.)/g, sep === "/" ? "$1" : "$&"));
  const isHidden = (path: string): boolean => skipped.isHidden(relative(base, path).split(sep).join("/"), pattern);
  const files = found.filter((path) => !isHidden(path));
  for (const folder of new Set([base, ...files.map((file) => dirname(resolve(file)))])) {
    const other = await entryWithoutRows(folder, pattern, skipped.readsAll);
    if (other === undefined || isHiddenPath(relative(base, other.path).split(sep).join("/"), pattern)) continue;
    throw sourceUnreadable(source, other.path, `matches ${pattern} and is ${other.what}`);
  }
  return files;
}

async function entryWithoutRows(
  folder: string,
  pattern: string,
  dot: boolean,
): Promise<{ readonly path: string; readonly what: string } | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const others = entries.filter((entry) => !entry.isFile());
  if (others.length === 0) return undefined;
  const matches = picomatch(resolve(pattern), { dot });
  // A folder is only taken for a file where the pattern asks for an ending: `data/*` matches every folder.
  const asksForEnding = basename(pattern).includes(".");
  for (const entry of others) {
    const path = join(folder, entry.name);
    if (!matches(path)) continue;
    const what = await whatIs(path, entry);
    if (what === undefined || (what === "folder" && !asksForEnding)) continue;
    return {
      path,
      what:
        what === "folder"
          ? `a folder; to read the files in it, give the source the path ${join(path, `*.${path.split(".").at(-1)}`)}`
          : `${what}; remove it, or give the source a pattern that does not match it`,
    };
  }
  return undefined;
}

/** What an entry of a folder is, if it is not a file and not a link to one. */
async function whatIs(path: string, entry: Dirent): Promise<string | undefined> {
  if (entry.isDirectory()) return "folder";
  if (!entry.isSymbolicLink()) return "not a file";
  const target = await stat(path).catch(() => undefined);
  if (target === undefined) return "a link to nothing";
  if (target.isDirectory()) return "folder";
  return target.isFile() ? undefined : "not a file";
}
