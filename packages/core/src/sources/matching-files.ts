import { type Dirent, readdir as list } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
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
 * @throws SOURCE_UNREADABLE if it also matches something else: a link to nothing, a pipe, or a folder named like a file, or if it leads into a folder
 * that cannot be listed. Skipping these would lose their rows.
 */
export async function matchingFiles(source: string, pattern: string, skipped: Skipped): Promise<readonly string[]> {
  const unlisted: { readonly path: string; readonly error: Error }[] = [];
  const found = await glob(pattern, {
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
    dot: skipped.readsAll,
    fs: { readdir: reportingList((path, error) => unlisted.push({ path, error })) },
  });
  const base = resolve(picomatch.scan(pattern).base.replace(/\\(.)/g, sep === "/" ? "$1" : "$&"));
  const isHidden = (path: string): boolean => skipped.isHidden(relative(base, path).split(sep).join("/"), pattern);
  for (const { path, error } of unlisted) {
    if (isHiddenPath(`${relative(base, path).split(sep).join("/")}/file`, pattern) && !skipped.readsAll) continue;
    const advice = "check its permissions, or give the source a pattern that does not lead into it";
    throw sourceUnreadable(source, path, `cannot be listed: ${error.message}; ${advice}`, error);
  }
  const files = found.filter((path) => !isHidden(path));
  for (const folder of new Set([base, ...files.map((file) => dirname(resolve(file)))])) {
    const other = await entryWithoutRows(folder, pattern, skipped.readsAll);
    if (other === undefined || isHiddenPath(relative(base, other.path).split(sep).join("/"), pattern)) continue;
    throw sourceUnreadable(source, other.path, `matches ${pattern}, but is ${other.what}`);
  }
  return files;
}

type ListFolder = (path: string, options: { withFileTypes: true }, done: (error: Error | null, entries: Dirent[]) => void) => void;

/** Lists folders for `glob`, which skips a folder that cannot be listed and reports nothing. */
function reportingList(onError: (path: string, error: Error) => void): typeof list {
  const listed: ListFolder = (path, options, done) => {
    list(path, options, (error, entries) => {
      if (error !== null && error.code !== "ENOENT" && error.code !== "ENOTDIR") onError(resolve(path), error);
      done(error, entries);
    });
  };
  return listed as typeof list;
}

/** Says that a path is a folder, as the end of a sentence, with the pattern that reads its files. */
export function folderAt(path: string): string {
  return `a folder; to read its files, change the path of the source to ${join(path, `*${extname(path) || ".parquet"}`)}`;
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
  // A folder is mistaken for a file only if the pattern asks for an ending: `data/*` matches every folder.
  const asksForEnding = basename(pattern).includes(".");
  for (const entry of others) {
    const path = join(folder, entry.name);
    if (!matches(path)) continue;
    const what = await whatIs(path, entry);
    if (what === undefined || (what === "folder" && !asksForEnding)) continue;
    return {
      path,
      what: what === "folder" ? folderAt(path) : `${what}; remove it, or give the source a pattern that does not match it`,
    };
  }
  return undefined;
}

/** Describes an entry of a folder that is not a file and not a link to one. Returns undefined for files. */
async function whatIs(path: string, entry: Dirent): Promise<string | undefined> {
  if (entry.isDirectory()) return "folder";
  if (!entry.isSymbolicLink()) return "not a file";
  const target = await stat(path).catch(() => undefined);
  if (target === undefined) return "a broken link";
  if (target.isDirectory()) return "folder";
  return target.isFile() ? undefined : "not a file";
}
