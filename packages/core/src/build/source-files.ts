import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MlforgeError, type Plan } from "@mlforge/spec";
import { glob, isDynamicPattern } from "tinyglobby";
import { mapScans } from "./map-scans.js";

/** What a source must say of itself here. */
export interface SourcePaths {
  readonly name: string;
  /** As declared: local paths, globs, file URLs. */
  readonly paths: readonly string[];
}

/** The files of a source, as they were when their content was hashed. */
export interface SourceFiles {
  readonly source: string;
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  /** An absolute path. */
  readonly path: string;
  /** A file URL, for engines. */
  readonly url: string;
  /** Changes whenever the file does, on this machine. */
  readonly state: string;
}

/**
 * The files that a source's paths name now, each once, in order.
 *
 * @throws SOURCE_NOT_FOUND for each path that names none.
 */
export async function findSourceFiles(source: SourcePaths): Promise<SourceFiles> {
  const paths = new Set<string>();
  for (const declared of source.paths) {
    for (const path of await expand(source.name, declared)) paths.add(path);
  }
  const files: SourceFile[] = [];
  for (const path of [...paths].sort()) {
    const found = await stateOf(source.name, path);
    if (found.isEmpty) throw unreadable(source.name, path, "is empty (0 bytes); write it again, or take it out of the paths of the source");
    files.push({ path, url: pathToFileURL(path).href, state: found.state });
  }
  return { source: source.name, files };
}

async function expand(source: string, declared: string): Promise<string[]> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(declared)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "file") {
    throw new MlforgeError("CAPABILITY_MISSING", `source "${source}" is at "${declared}"; only local files can be read so far`, {
      plugin: "sources",
      capability: scheme,
    });
  }
  const path = scheme === "file" ? fileURLToPath(declared) : declared;
  const isPattern = isDynamicPattern(path);
  const found = isPattern ? await glob(path, { absolute: true, onlyFiles: true, expandDirectories: false }) : [resolve(path)];
  if (found.length === 0) throw notFound(source, declared);
  return found.map((file) => resolve(file));
}

async function stateOf(source: string, path: string): Promise<{ readonly state: string; readonly isEmpty: boolean }> {
  try {
    const { size, mtimeNs, ino, isFile } = await stat(path, { bigint: true }).then((stats) => ({
      size: stats.size,
      mtimeNs: stats.mtimeNs,
      ino: stats.ino,
      isFile: stats.isFile(),
    }));
    if (isFile) return { state: `${size}-${mtimeNs}-${ino}`, isEmpty: size === 0n };
  } catch (cause) {
    throw notFound(source, path, cause);
  }
  throw unreadable(source, path, `is not a file; to read a folder, write a glob such as ${path}/*.parquet`);
}

function unreadable(source: string, path: string, why: string): MlforgeError<"SOURCE_UNREADABLE"> {
  return new MlforgeError("SOURCE_UNREADABLE", `source "${source}": "${path}" ${why}`, { source, path });
}

function notFound(source: string, path: string, cause?: unknown): MlforgeError<"SOURCE_NOT_FOUND"> {
  return new MlforgeError(
    "SOURCE_NOT_FOUND",
    `source "${source}" has no file at "${path}" (looked in ${process.cwd()}); check the path`,
    { source, path },
    { cause },
  );
}

/** @throws SOURCE_CHANGED if a file is not what it was when it was found. */
export async function expectUnchanged(sources: readonly SourceFiles[]): Promise<void> {
  for (const { source, files } of sources) {
    for (const file of files) {
      if ((await stateOf(source, file.path)).state === file.state) continue;
      throw new MlforgeError("SOURCE_CHANGED", `"${file.path}" of source "${source}" changed while it was read; build again`, {
        source,
        path: file.path,
      });
    }
  }
}

/** The plan with the files in place of the declared paths. */
export function bindSources(plan: Plan, sources: ReadonlyMap<string, SourceFiles>): Plan {
  return mapScans(plan, (scan) => {
    const bound = sources.get(scan.source);
    return bound === undefined ? scan : { ...scan, paths: bound.files.map((file) => file.url) };
  });
}
