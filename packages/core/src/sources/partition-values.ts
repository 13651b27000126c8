import { type ColumnKind, type NamedColumn, nullPartition, partitionPattern, type Schema } from "@mlforge/spec";
import { fingerprint } from "./fingerprint.js";

/** The values in the folder names of a file: a string for each column, identical for equal values, or null. */
export type PartitionValues = Readonly<Record<string, string | null>>;

/** File systems refuse longer names, including the file system of the cache. */
const maxFolderBytes = 255;

/**
 * Returns the values of partition columns in a path, or the problems of the path.
 *
 * @param path with `/` between its folders
 */
export function partitionValues(
  path: string,
  partitions: Schema,
): { readonly values: PartitionValues; readonly problems: readonly string[] } {
  const values: Record<string, string | null> = {};
  const problems: string[] = [];
  for (const column of partitions) {
    const found = valueIn(path, column);
    if ("problem" in found) problems.push(found.problem);
    else values[column.name] = found.value;
  }
  return { values, problems };
}

/** Returns the folders of a path that contain the values of these columns, as written, outermost first. */
export function partitionFolders(path: string, partitions: Schema): readonly string[] {
  return foldersIn(path).filter((folder) => partitions.some(({ name }) => isFolderOf(name, folder)));
}

/**
 * Combines the hash of the content of a file with the values in its folder names, if there are any. A file that moves to another folder has other
 * rows.
 */
export function withPartitions(content: string, { partitions }: { readonly partitions?: PartitionValues | undefined }): string {
  return partitions === undefined ? content : fingerprint({ content, partitions });
}

function valueIn(path: string, { name, kind, nullable }: NamedColumn): { readonly value: string | null } | { readonly problem: string } {
  const [folder, other] = foldersIn(path).filter((each) => isFolderOf(name, each));
  if (folder === undefined) return { problem: `it is not in a folder "${name}=...", which would contain the value of column "${name}"` };
  if (other !== undefined) return { problem: `it is in both "${folder}" and "${other}", which give column "${name}" two values` };
  const written = folder.slice(folder.indexOf("=") + 1);
  if (!path.includes(`${folder}/`)) return { problem: `the value of column "${name}" in "${folder}" has a backslash; write it as %5C` };
  if (new TextEncoder().encode(folder).length > maxFolderBytes)
    return { problem: `the name of its folder for column "${name}" is longer than ${maxFolderBytes} bytes: "${folder.slice(0, 40)}..."` };
  if (written === nullPartition)
    return nullable ? { value: null } : { problem: `its column "${name}" is null ("${folder}"), but is declared with nullable: false` };
  const text = decoded(written);
  const value = text === undefined ? undefined : parsers[kind]?.(text);
  return value === undefined ? { problem: `its column "${name}" is "${written}" ("${folder}"), which is not a valid ${kind}` } : { value };
}

function foldersIn(path: string): readonly string[] {
  return path.split(/[/\\]/).slice(0, -1);
}

function isFolderOf(name: string, folder: string): boolean {
  return new RegExp(`^${partitionPattern(name)}$`).test(folder);
}

/** Decodes percent escapes. Returns undefined if the bytes are not UTF-8. A percent sign that two hex digits do not follow is kept. */
function decoded(text: string): string | undefined {
  try {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      const bytes = Uint8Array.from(run.slice(1).split("%"), (digits) => Number.parseInt(digits, 16));
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    });
  } catch {
    return undefined;
  }
}

/** Returns the only text of a value of each kind, or undefined for an invalid value. */
const parsers: Readonly<Partial<Record<ColumnKind, (text: string) => string | undefined>>> = {
  string: (text) => text,
  boolean: (text) => /^(?:true|false)$/i.exec(text)?.[0].toLowerCase(),
  int32: (text) => integer(text, 32),
  int64: (text) => integer(text, 64),
  float64: float,
  date: (text) => (isDay(text) ? text : undefined),
  timestamp: timestamp,
};

function integer(text: string, bits: number): string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(bits, value) === value ? String(value) : undefined;
}

function float(text: string): string | undefined {
  const special = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i.exec(text);
  if (special !== null) return special[2] === undefined ? `${special[1] === "-" ? "-" : ""}Infinity` : "NaN";
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? String(value) : undefined;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Accepts only UTC: engines interpret other zones in folder names differently. */
function timestamp(text: string): string | undefined {
  const parts = /^([^ T]+)(?:[ T]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?(?:Z|\+00(?::?00)?)?)?$/.exec(text);
  const [, day = "", minute = "00:00", second = "00", fraction = ""] = parts ?? [];
  return isDay(day) ? `${day}T${minute}:${second}.${fraction.padEnd(6, "0")}Z` : undefined;
}
