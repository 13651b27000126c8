import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encodingOf, type NamedColumn, type Plan, type Scan, type StagingFolder, type TimeEncoding } from "@mlforge/spec";
import type { PreparedFeature } from "../resolve/prepare.js";
import { bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { canonicalJson } from "../sources/fingerprint.js";
import { mapScans } from "../sources/map-scans.js";
import { openStaging } from "../sources/staging.js";

/** A source of text that several features read, and every column that one of them needs. */
interface SharedText {
  readonly scan: Scan;
  readonly columns: Map<string, NamedColumn>;
  readonly encodings: Map<string, TimeEncoding | undefined>;
  /** Whether each of the columns is in the names of folders. */
  readonly inFolders: Map<string, boolean>;
  readers: number;
  /** Whether two of them want a column in different types, or one of them from folders and another from the files. */
  isDisputed: boolean;
  /** The scan of what it became; undefined where that failed. */
  read?: Promise<Scan | undefined>;
}

/**
 * Sources of text, CSV and NDJSON, that several features of a build read. Each is parsed once, when the first of them needs it, into a temporary
 * Parquet file for all: parsing text takes many times as long as reading that. Parquet itself is read by each feature, since it reads only its
 * columns.
 */
export class SharedTexts implements AsyncDisposable {
  readonly #context: BuildContext;
  readonly #texts = new Map<string, SharedText>();
  #staging: Promise<StagingFolder> | undefined;

  constructor(features: readonly PreparedFeature[], context: BuildContext) {
    this.#context = context;
    for (const { resolved, sources } of features) {
      if (resolved.computation.kind !== "plan") continue;
      const seen = new Set<string>();
      mapScans(bindSources(resolved.computation.plan, sources), (scan) => {
        if (isText(scan)) this.#add(scan, seen);
        return scan;
      });
    }
  }

  /** The plan with what is shared in place of the text. */
  async share(plan: Plan, signal?: AbortSignal): Promise<Plan> {
    const shared = new Map<string, Scan>();
    for (const [key, text] of this.#textsIn(plan)) {
      text.read ??= this.#parse(text, signal);
      const scan = await text.read;
      if (scan !== undefined) shared.set(key, scan);
    }
    return mapScans(plan, (scan) => {
      const found = shared.get(keyOf(scan));
      return found === undefined ? scan : { ...found, columns: scan.columns };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#staging)?.[Symbol.asyncDispose]();
  }

  #add(scan: Scan, seen: Set<string>): void {
    const key = keyOf(scan);
    const none = { columns: new Map(), encodings: new Map(), inFolders: new Map() };
    const text: SharedText = this.#texts.get(key) ?? { scan, ...none, readers: 0, isDisputed: false };
    this.#texts.set(key, text);
    const partitions = new Set(scan.partitions?.map(({ name }) => name));
    for (const column of scan.columns ?? []) {
      if (!isSame(text.columns, column.name, column)) text.isDisputed = true;
      if (!isSame(text.inFolders, column.name, partitions.has(column.name))) text.isDisputed = true;
      if (!isSame(text.encodings, column.name, encodingOf(scan, column.name))) text.isDisputed = true;
    }
    if (!seen.has(key)) text.readers += 1;
    seen.add(key);
  }

  #textsIn(plan: Plan): ReadonlyMap<string, SharedText> {
    const found = new Map<string, SharedText>();
    mapScans(plan, (scan) => {
      const text = isText(scan) ? this.#texts.get(keyOf(scan)) : undefined;
      if (text !== undefined && text.readers > 1 && !text.isDisputed) found.set(keyOf(scan), text);
      return scan;
    });
    return found;
  }

  /** Where it fails each feature reads the text itself: what is wrong may concern only some of them, and is theirs to say. */
  async #parse({ scan, columns, encodings, inFolders }: SharedText, signal?: AbortSignal): Promise<Scan | undefined> {
    const { engine, newId, store } = this.#context;
    if (engine?.capabilities.writes.includes("file") !== true) return undefined;
    this.#staging ??= openStaging(store);
    const { path } = await this.#staging;
    const url = pathToFileURL(join(path, `${newId()}.parquet`)).href;
    try {
      const all = [...columns.values()];
      const partitions = all.filter(({ name }) => inFolders.get(name));
      const whole: Scan = { ...scan, columns: all, encodings: defined(encodings), partitions };
      const { files } = await engine.write(whole, { url, format: "parquet" }, { signal });
      return { op: "scan", source: scan.source, format: { kind: "parquet" }, paths: files.map((file) => file.url) };
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }
}

function isText({ format, columns }: Scan): boolean {
  return format.kind !== "parquet" && columns !== undefined;
}

/** The same for all scans of the same files that read them alike. */
function keyOf({ columns: _, encodings: __, partitions: ___, ...scan }: Scan): string {
  return canonicalJson(scan);
}

/** Adds what is not there yet. */
function isSame<T>(known: Map<string, T>, name: string, value: T): boolean {
  if (!known.has(name)) known.set(name, value);
  return canonicalJson(known.get(name) ?? null) === canonicalJson(value ?? null);
}

function defined<T>(values: ReadonlyMap<string, T | undefined>): Readonly<Record<string, T>> {
  return Object.fromEntries([...values].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
