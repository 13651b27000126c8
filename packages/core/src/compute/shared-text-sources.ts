import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encodingOf, mapScans, type NamedColumn, type Plan, type Scan, type StagingFolder, type TimeEncoding } from "@mlforge/spec";
import type { PreparedFeature } from "../resolve/prepare.js";
import { bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { canonicalJson } from "../sources/fingerprint.js";
import { openStaging } from "../sources/staging.js";

/** A text source that several features read, and all columns that any of them needs. */
interface SharedText {
  readonly scan: Scan;
  readonly columns: Map<string, NamedColumn>;
  readonly encodings: Map<string, TimeEncoding | undefined>;
  /** By column name, true if its values come from folder names. */
  readonly inFolders: Map<string, boolean>;
  readers: number;
  /** True if two features read a column with different types, or one from folder names and the other from files. */
  isDisputed: boolean;
  /** The scan of the parsed file. Undefined if parsing failed. */
  read?: Promise<Scan | undefined>;
}

/**
 * Text sources (CSV and NDJSON) that several features of a build read. The first feature that needs one parses it into a temporary Parquet file for
 * all of them, since parsing text takes many times as long as reading Parquet. Parquet sources are not shared: each feature reads only the columns it
 * needs.
 */
export class SharedTextSources implements AsyncDisposable {
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

  /** Replaces the scans of shared text sources in a plan with scans of the parsed files. */
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

  /** Parses a text source. If that fails, each feature reads the text itself: the problem may concern only some of them, and they report it. */
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

/** Returns a key that is equal for all scans that read the same files in the same way. */
function keyOf({ columns: _, encodings: __, partitions: ___, ...scan }: Scan): string {
  return canonicalJson(scan);
}

/** Sets the value if the name has none. Returns true if the name has this value. */
function isSame<T>(known: Map<string, T>, name: string, value: T): boolean {
  if (!known.has(name)) known.set(name, value);
  return canonicalJson(known.get(name) ?? null) === canonicalJson(value ?? null);
}

function defined<T>(values: ReadonlyMap<string, T | undefined>): Readonly<Record<string, T>> {
  return Object.fromEntries([...values].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
