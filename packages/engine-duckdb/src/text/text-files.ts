import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CsvFormat, NdjsonFormat, TextFileFormat } from "@mlforge/spec";
import { makeFolders } from "@mlforge/spec/ownership";
import { NativeError } from "../native-error.js";
import { dialectOf } from "./csv-dialect.js";
import { type CsvFacts, CsvScanner } from "./csv-scanner.js";
import { type NdjsonFacts, NdjsonScanner } from "./ndjson-scanner.js";
import { NotCompressed } from "./not-compressed.js";
import { isEncoded, NotText, plainBytes } from "./plain-bytes.js";
import { TextCopy } from "./text-copy.js";
import { TextFault } from "./text-fault.js";

type TextFormat = CsvFormat | NdjsonFormat;

/** A text file that has been read from start to end. */
export interface TextFile<F> {
  readonly facts: F;
  /** The file that DuckDB reads instead: itself, or a copy in a form that DuckDB reads correctly. */
  readonly path: string;
  readonly copy: TextCopy | undefined;
  /** Identifies the state of a file and how it was read. */
  readonly id: string;
}

/** A query that reads text files. */
export interface TextReader {
  readonly signal: AbortSignal | undefined;
  /** Keeps a copy until the query ends. */
  hold(copy: TextCopy): void;
}

/** A CSV file. `header` is true if the first record that DuckDB reads is not data. */
export interface CsvFile extends TextFile<CsvFacts> {
  readonly header: boolean;
}

type Keep = ((bytes: Uint8Array) => void) | undefined;

type Known<F> = Map<string, Promise<TextFile<F>>>;

interface Scanner<F> {
  push(bytes: Uint8Array): void;
  end(): F;
  readonly place: TextFault["place"];
  readonly watchedLine: number | undefined;
}

/**
 * Reads text files before DuckDB does, so that everything DuckDB would guess or misread is known or refused. Each state of a file is read once,
 * or again if its copy was removed because no query needed it.
 */
export class TextFiles {
  readonly #folder: string;
  /** The counted records, by the ids of the files. */
  readonly #counted = new Set<string>();
  readonly #csv: Known<CsvFacts> = new Map();
  readonly #ndjson: Known<NdjsonFacts> = new Map();
  #copies = 0;

  /** @param folder The folder for copies. */
  constructor(folder: string) {
    this.#folder = join(folder, "text");
  }

  /**
   * @returns The file, with a copy that begins with its own header if the first record of the file would mislead DuckDB.
   * @throws TextFault, NotCompressed, or an error of the file system
   */
  async csv(path: string, format: CsvFormat, reader: TextReader): Promise<CsvFile> {
    const { signal } = reader;
    const dialect = dialectOf(format);
    const isCopied = isEncoded(format) || dialect.skip > 0 || dialect.comment !== undefined;
    const scanner = (keep: Keep): Scanner<CsvFacts> => new CsvScanner(dialect, { keep });
    const file = await this.#once(this.#csv, path, format, "", reader, (copy) =>
      read(path, format, scanner, isCopied ? copy : undefined, signal),
    );
    if (!file.facts.isFirstBroken) return { ...file, header: dialect.header };
    const headed = await this.#once(this.#csv, path, format, "headed", reader, (copy) =>
      read(path, format, (keep) => new CsvScanner(dialect, { keep, isHeaded: true }), copy, signal),
    );
    return { ...headed, header: true };
  }

  /**
   * @param isExact Returns true if DuckDB can read keys of these kinds from the unchanged file.
   * @throws TextFault, NotCompressed, or an error of the file system
   */
  async ndjson(
    path: string,
    format: NdjsonFormat,
    isExact: (facts: NdjsonFacts) => boolean,
    reader: TextReader,
  ): Promise<TextFile<NdjsonFacts>> {
    const { signal } = reader;
    const isCopied = isEncoded(format) || (await hasMark(path));
    const file = await this.#once(this.#ndjson, path, format, "", reader, (copy) => {
      const scanner = (keep: Keep): Scanner<NdjsonFacts> => copying(new NdjsonScanner(), keep);
      return read(path, format, scanner, isCopied ? copy : undefined, signal);
    });
    if (isExact(file.facts)) return file;
    return this.#once(this.#ndjson, path, format, "exact", reader, (copy) =>
      read(path, format, (keep) => new NdjsonScanner(keep), copy, signal),
    );
  }

  /** Lets DuckDB count the records of files, once for each state. @throws NativeError if it finds a different number */
  async expectCount(files: readonly TextFile<{ readonly records: number }>[], count: () => Promise<number>): Promise<void> {
    const id = createHash("sha256")
      .update(files.map((file) => file.id).join())
      .digest("hex");
    if (this.#counted.has(id)) return;
    const expected = files.reduce((sum, { facts }) => sum + facts.records, 0);
    const found = await count();
    if (found !== expected) throw new NativeError(new Error(`duckdb reads ${found} records where ${expected} are written`));
    this.#counted.add(id);
  }

  /** Returns the line of a record, from 0, without the header, or undefined if the file has fewer records. */
  async lineOf(path: string, format: TextFormat, record: number): Promise<number | undefined> {
    const scanner = format.kind === "csv" ? new CsvScanner(dialectOf(format), { watched: record }) : new NdjsonScanner(undefined, record);
    for await (const bytes of plainBytes(path, format)) {
      scanner.push(bytes);
      if (scanner.watchedLine !== undefined) break;
    }
    if (scanner.watchedLine === undefined) scanner.end();
    return scanner.watchedLine;
  }

  /** Returns the beginning of a line, for messages. */
  async excerpt(path: string, format: TextFileFormat, { lineStart, at }: TextFault["place"]): Promise<string> {
    const from = Math.max(lineStart, at - excerptBytes / 2);
    let before = 0;
    const parts: Uint8Array[] = [];
    try {
      for await (const bytes of plainBytes(path, format)) {
        if (before + bytes.length > from) parts.push(bytes.subarray(Math.max(0, from - before), from + excerptBytes - before));
        before += bytes.length;
        if (before >= from + excerptBytes) break;
      }
    } catch (error) {
      // Show what was read before, because the message is about it.
      if (!(error instanceof NotText || error instanceof NotCompressed)) throw error;
    }
    const text =
      Buffer.concat(parts)
        .toString("utf8")
        .split(/[\r\n]/)[0] ?? "";
    return `${from > lineStart ? "..." : ""}${text}${Buffer.byteLength(text) + 3 >= excerptBytes ? "..." : ""}`;
  }

  /** Reads each state of a file once, and holds its copy for the reader. If one caller gives up, the next reads it again. */
  async #once<F>(
    all: Known<F>,
    path: string,
    format: TextFormat,
    variant: string,
    reader: TextReader,
    work: (copy: string) => Promise<ReadFile<F>>,
  ): Promise<TextFile<F>> {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    const key = JSON.stringify([path, String(size), String(mtimeNs), String(ino), format, variant]);
    const known = all.get(key);
    if (known !== undefined) {
      try {
        return held(await known, reader);
      } catch (error) {
        reader.signal?.throwIfAborted();
        if (!(error instanceof Error) || error.name !== "AbortError") throw error;
      }
    }
    const id = createHash("sha256").update(key).digest("hex").slice(0, 32);
    const folder = join(this.#folder, String(this.#copies++));
    const working = work(join(folder, ...foldersOf(path), basename(path))).then((file) => {
      return { ...file, copy: file.path === path ? undefined : new TextCopy(folder, () => all.delete(key)), id };
    });
    all.set(key, working);
    working.catch(() => {
      if (all.get(key) === working) all.delete(key);
    });
    return held(await working, reader);
  }
}

type ReadFile<F> = Pick<TextFile<F>, "facts" | "path">;

function held<F>(file: TextFile<F>, reader: TextReader): TextFile<F> {
  if (file.copy !== undefined) reader.hold(file.copy);
  return file;
}

const excerptBytes = 160;

/** Returns the folders whose names contain column values. */
function foldersOf(path: string): readonly string[] {
  return dirname(path)
    .split(/[/\\]/)
    .filter((folder) => folder.includes("="));
}

async function hasMark(path: string): Promise<boolean> {
  await using file = await opened(path, "r");
  const { buffer } = await file.handle.read(Buffer.alloc(3), 0, 3, 0);
  return buffer.equals(Buffer.from([0xef, 0xbb, 0xbf]));
}

async function opened(path: string, flags: string): Promise<AsyncDisposable & { readonly handle: FileHandle }> {
  const handle = await open(path, flags);
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}

/** Makes a scanner that keeps its bytes unchanged. */
function copying<F>(scanner: Scanner<F>, keep: Keep): Scanner<F> {
  if (keep === undefined) return scanner;
  return {
    push: (bytes) => {
      scanner.push(bytes);
      keep(bytes);
    },
    end: () => scanner.end(),
    get place() {
      return scanner.place;
    },
    get watchedLine() {
      return scanner.watchedLine;
    },
  };
}

async function read<F>(
  path: string,
  format: TextFormat,
  scannerOf: (keep: Keep) => Scanner<F>,
  copy: string | undefined,
  signal?: AbortSignal,
): Promise<ReadFile<F>> {
  if (copy === undefined) return { facts: await scan(path, format, scannerOf(undefined), signal), path };
  await makeFolders(dirname(copy), 0o700);
  const partial = `${copy}.partial`;
  try {
    let facts: F;
    {
      await using file = await opened(partial, "w");
      let kept: Uint8Array[] = [];
      const scanner = scannerOf((bytes) => kept.push(bytes));
      facts = await scan(path, format, scanner, signal, async () => {
        const pieces = kept;
        kept = [];
        for (const piece of pieces) await file.handle.writeFile(piece);
      });
    }
    await rename(partial, copy);
    return { facts, path: copy };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function scan<F>(
  path: string,
  format: TextFormat,
  scanner: Scanner<F>,
  signal?: AbortSignal,
  flush?: () => Promise<void>,
): Promise<F> {
  try {
    for await (const bytes of plainBytes(path, format, signal)) {
      scanner.push(bytes);
      await flush?.();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof NotText) throw new TextFault(scanner.place, error.problem, error.expected);
    throw error;
  }
  const facts = scanner.end();
  await flush?.();
  return facts;
}
