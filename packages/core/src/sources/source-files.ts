import { type BigIntStats, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Columns, isMlforgeError, MlforgeError } from "@mlforge/spec";
import { isDynamicPattern } from "tinyglobby";
import { schemaFrom } from "../define/scan-of.js";
import { attempt } from "../log/attempt.js";
import type { MetadataInput, VersionMetadata } from "../log/metadata.js";
import type { BuildContext } from "./context.js";
import { fileState } from "./file-state.js";
import { folderAt, matchingFiles, Skipped } from "./matching-files.js";
import { type PartitionValues, partitionValues } from "./partition-values.js";
import { stateId } from "./remote-file.js";
import { type RemoteObject, type Remotes, schemeOf } from "./remotes.js";
import { sourceUnreadable as unreadable } from "./source-unreadable.js";
import { Turns } from "./turns.js";

/** The fields of a source that are needed to find its files. */
export interface SourcePaths {
  readonly name: string;
  /** The declared paths: local paths, URLs, and globs of these. */
  readonly paths: readonly string[];
  /** The columns whose values come from folder names. */
  readonly partitions?: Columns | undefined;
  /** If true, files that patterns match are data even if their names, or the names of their folders, begin with `_` or `.`. Defaults to false. */
  readonly hidden?: boolean | undefined;
}

/** The files of a source at the time they were found. */
export interface SourceFiles {
  readonly source: string;
  readonly files: readonly SourceFile[];
  /** The version of a feature that the files belong to. Undefined for a source. */
  readonly upstream?: UpstreamVersion | undefined;
}

/** The version of a feature that another feature reads. */
interface UpstreamVersion {
  readonly input: MetadataInput;
  /** Undefined if the version is only planned. */
  readonly metadata: VersionMetadata | undefined;
}

export interface SourceFile {
  /** The name in messages: an absolute path, or the URL. */
  readonly path: string;
  /** The URL in plans. */
  readonly url: string;
  /** Size in bytes. */
  readonly size: number;
  /** Changes whenever the file changes, on this machine or in its store. */
  readonly state: string;
  /** Returns the state of the file now. @throws SOURCE_NOT_FOUND */
  readonly currentState: (signal?: AbortSignal) => Promise<string | undefined>;
  /** SHA-256 over the state. Defined if the state alone identifies the content: the etag, version, and size of an object in a store. */
  readonly fingerprint?: string | undefined;
  /** The SHA-256 of its content, if it is a file of a published version. */
  readonly sha256?: string | undefined;
  /** True if it represents the rows of a query. Its size is unknown until they are read. */
  readonly isQuery?: boolean | undefined;
  /** The values in its folder names. Undefined if the source has no such columns. */
  readonly partitions?: PartitionValues | undefined;
}

type FileContext = Pick<BuildContext, "remotes" | "files" | "engine">;

/**
 * Returns the files that the paths of a source name now, without duplicates, in order.
 *
 * @throws SOURCE_NOT_FOUND for each path without files; SOURCE_UNREADABLE, also if folder names lack valid values; CAPABILITY_MISSING
 */
export async function findSourceFiles(source: SourcePaths, context: FileContext, signal?: AbortSignal): Promise<SourceFiles> {
  const files = new Map<string, SourceFile>();
  for (const declared of source.paths) {
    const scheme = schemeOf(declared);
    const found =
      scheme === undefined || scheme === "file" ? localFiles(source, declared, signal) : remoteFiles(source, declared, context, signal);
    for (const file of await found) files.set(file.path, file);
  }
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { source: source.name, files: withValues(sorted, source) };
}

/** Adds the values in folder names to the files. */
function withValues(files: readonly SourceFile[], { name: source, partitions }: SourcePaths): readonly SourceFile[] {
  if (partitions === undefined) return files;
  const schema = schemaFrom(partitions);
  const read = files.map((file) => {
    const path = schemeOf(file.path) === undefined ? file.path.split(sep).join("/") : file.path;
    return { file, ...partitionValues(path, schema) };
  });
  const [wrong, ...others] = read.filter(({ problems }) => problems.length > 0);
  if (wrong === undefined) return read.map(({ file, values }) => ({ ...file, partitions: values }));
  const advice = "correct the path or the partitions of the source, or rename the folder";
  const more = others.length === 0 ? "" : ` (and ${others.length} more files like it)`;
  const why = `cannot be read: ${wrong.problems.join("; ")}; ${advice}${more}`;
  throw unreadable(source, wrong.file.path, why);
}

async function localFiles({ name: source, hidden }: SourcePaths, declared: string, signal?: AbortSignal): Promise<readonly SourceFile[]> {
  const path = schemeOf(declared) === "file" ? fileURLToPath(declared) : declared;
  const skipped = new Skipped(hidden);
  const paths = isDynamicPattern(path) ? await matchingFiles(source, path, skipped) : [path];
  if (paths.length === 0) throw notFound(source, declared, { skipped });
  const files: SourceFile[] = [];
  const turns = new Turns();
  for (const each of paths.map((found) => resolve(found))) {
    await turns.next(signal);
    const { state, size } = stateOf(source, each);
    if (size === 0) throw emptyFile(source, each);
    files.push({ path: each, url: pathToFileURL(each).href, size, state, currentState: async () => stateOf(source, each).state });
  }
  return files;
}

async function remoteFiles(
  { name: source, hidden }: SourcePaths,
  declared: string,
  { remotes, files, engine }: FileContext,
  signal?: AbortSignal,
): Promise<readonly SourceFile[]> {
  const readThere = engine?.capabilities.reads.includes(schemeOf(declared) ?? "") ?? false;
  const skipped = new Skipped(hidden);
  const found = await findObjects(source, declared, { remotes, skipped, signal });
  if (found.length === 0) throw notFound(source, declared, { skipped });
  return found.map(({ url, store, info }) => {
    if (info.size === 0) throw emptyFile(source, url);
    const id = stateId({ ...info, url });
    const changed = (_reason: string, cause?: unknown): MlforgeError => sourceChanged(source, url, cause);
    if (!readThere) {
      files.know({ url, store, key: info.key, size: info.size, id, etag: info.etag, sha256: undefined, changed });
      // Everything that is fetched is checked against the etag, so the state changes only if another etag becomes known.
      return { path: url, url, size: info.size, state: id, fingerprint: id, currentState: async () => files.idOf(url) };
    }
    const currentState = async (during?: AbortSignal): Promise<string> => {
      const now = await attempt(() => store.head(info.key, { signal: during }), during).catch((error: unknown) => {
        throw isMlforgeError(error, "STORE_NOT_FOUND") ? notFound(source, url, { cause: error }) : error;
      });
      // A listing does not include version ids. If the file was found by one, the version is ignored.
      return stateId({ ...now, url, versionId: info.versionId === undefined ? undefined : now.versionId });
    };
    return { path: url, url, size: info.size, state: id, fingerprint: id, currentState };
  });
}

interface FindOptions {
  readonly remotes: Remotes;
  readonly skipped: Skipped;
  readonly signal: AbortSignal | undefined;
}

async function findObjects(source: string, url: string, { remotes, skipped, signal }: FindOptions): Promise<readonly RemoteObject[]> {
  try {
    return await remotes.find(url, skipped.isHidden, signal);
  } catch (error) {
    if (isMlforgeError(error, "STORE_NOT_FOUND")) throw notFound(source, url, { cause: error });
    throw error;
  }
}

function stateOf(source: string, path: string): { readonly state: string; readonly size: number } {
  const stats = statsOf(source, path);
  if (stats.isFile()) return { state: fileState(stats), size: Number(stats.size) };
  throw unreadable(
    source,
    path,
    `is ${stats.isDirectory() ? folderAt(path) : "not a file; write its content to a file and read that file"}`,
  );
}

function statsOf(source: string, path: string): BigIntStats {
  try {
    return statSync(path, { bigint: true });
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
    if (isMissing || !(cause instanceof Error)) throw notFound(source, path, { cause });
    throw unreadable(source, path, `cannot be read: ${cause.message}; check the path and its permissions`, cause);
  }
}

function emptyFile(source: string, path: string): MlforgeError<"SOURCE_UNREADABLE"> {
  return unreadable(source, path, "is empty (0 bytes); write it again, or remove it from the paths of the source");
}

function notFound(
  source: string,
  path: string,
  { skipped, cause }: { readonly skipped?: Skipped; readonly cause?: unknown },
): MlforgeError<"SOURCE_NOT_FOUND"> {
  const where = schemeOf(path) === undefined ? ` (looked in ${process.cwd()})` : "";
  const count = skipped?.count ?? 0;
  const advice =
    count === 0
      ? "check the path"
      : `${count === 1 ? "1 file is" : `${count} files are`} hidden there, because a name begins with "_" or "."; to read hidden files, pass hidden: true to source()`;
  const message = `source "${source}" has no file at "${path}"${where}; ${advice}`;
  return new MlforgeError("SOURCE_NOT_FOUND", message, { source, path }, { cause });
}

/** Returns true if every file is still in the state in which it was found. */
export async function isUnchanged(sources: readonly SourceFiles[], signal?: AbortSignal): Promise<boolean> {
  try {
    await expectUnchanged(sources, signal);
    return true;
  } catch (error) {
    if (isMlforgeError(error, "SOURCE_CHANGED", "SOURCE_NOT_FOUND", "SOURCE_UNREADABLE")) return false;
    throw error;
  }
}

/** Checks that every file is still in the state in which it was found. @throws SOURCE_CHANGED */
export async function expectUnchanged(sources: readonly SourceFiles[], signal?: AbortSignal): Promise<void> {
  const turns = new Turns();
  for (const { source, files } of sources) {
    for (const file of files) {
      await turns.next(signal);
      if ((await file.currentState(signal)) !== file.state) throw sourceChanged(source, file.path);
    }
  }
}

export function sourceChanged(source: string, path: string, cause?: unknown): MlforgeError<"SOURCE_CHANGED"> {
  return new MlforgeError(
    "SOURCE_CHANGED",
    `"${path}" of source "${source}" changed while it was being read; build again`,
    { source, path },
    { cause },
  );
}
