import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Engine, mapScans, type Plan, type Scan } from "@mlforge/spec";

/**
 * Parses the text files that the periods of a feature read. Parses each file once, into its own temporary Parquet file, because each period needs only
 * some of the files, and parsing text takes many times as long as reading Parquet.
 */
export class ParsedText {
  readonly #engine: Engine;
  readonly #folder: string;
  readonly #scans: ReadonlyMap<string, Scan>;
  readonly #parsed = new Map<string, Promise<string>>();

  /** @param folder a local folder to write into @param scans the scan of each source, with all columns that the plan reads */
  constructor(engine: Engine, folder: string, scans: ReadonlyMap<string, Scan>) {
    this.#engine = engine;
    this.#folder = folder;
    this.#scans = scans;
  }

  /** Replaces the scans of text files in a bound plan with scans of the parsed files. */
  async read(plan: Plan, signal?: AbortSignal): Promise<Plan> {
    const parsed = new Map<Scan, Scan>();
    for (const scan of textScans(plan)) {
      const paths: string[] = [];
      for (const path of scan.paths) paths.push(await this.#file(scan, path, signal));
      const { source, columns } = scan;
      parsed.set(scan, { op: "scan", source, format: { kind: "parquet" }, paths, ...(columns === undefined ? {} : { columns }) });
    }
    return mapScans(plan, (scan) => parsed.get(scan) ?? scan);
  }

  #file(scan: Scan, path: string, signal?: AbortSignal): Promise<string> {
    const key = JSON.stringify([scan.source, path]);
    const parsed = this.#parsed.get(key) ?? this.#parse({ ...(this.#scans.get(scan.source) ?? scan), paths: [path] }, signal);
    this.#parsed.set(key, parsed);
    return parsed;
  }

  async #parse(scan: Scan, signal?: AbortSignal): Promise<string> {
    const url = pathToFileURL(join(this.#folder, `text-${this.#parsed.size}.parquet`)).href;
    await this.#engine.write(scan, { url, format: "parquet" }, { signal });
    return url;
  }
}

function textScans(plan: Plan): ReadonlySet<Scan> {
  const found = new Set<Scan>();
  mapScans(plan, (scan) => {
    if (scan.format.kind !== "parquet") found.add(scan);
    return scan;
  });
  return found;
}
