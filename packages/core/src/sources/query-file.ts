import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Engine, MlforgeError, type Plan, type ReadRequest } from "@mlforge/spec";
import type { BuildContext } from "./context.js";
import type { CacheLease } from "./file-cache.js";
import { canonicalJson, fingerprint } from "./fingerprint.js";
import type { MadeFile } from "./made-file.js";
import { columnsToRead, type QuerySource } from "./query-columns.js";
import { requireEngine } from "./require-engine.js";
import type { SourceFiles } from "./source-files.js";
import { renamed } from "./staging-engine.js";

type FileContext = Pick<BuildContext, "cache" | "localEngine">;

/** The rows of a query from one point in time, staged in the cache. */
interface StagedRows {
  readonly fingerprint: string;
  readonly lease: CacheLease;
}

/**
 * The rows of a query during one call. Reads them once, when they are first needed. All uses see the rows of the same point in time, however late
 * they are.
 */
export class QueryFile implements MadeFile, AsyncDisposable {
  readonly url = `query:${randomUUID()}`;
  readonly shown: string;
  readonly #source: QuerySource;
  readonly #context: FileContext;
  #request: Promise<ReadRequest> | undefined;
  #known: Promise<string> | undefined;
  #staged: Promise<StagedRows> | undefined;

  constructor(source: QuerySource, context: FileContext) {
    this.#source = source;
    this.#context = context;
    this.shown = source.query.connector.locate();
  }

  /** Returns the fingerprint of the rows that were read, or of the current rows if none were read yet. */
  fingerprint(signal?: AbortSignal): Promise<string> {
    return this.#staged?.then((staged) => staged.fingerprint) ?? this.#now(signal);
  }

  /** Reads the rows, unless they were already read. */
  stage(signal?: AbortSignal): Promise<StagedRows> {
    this.#staged ??= this.#stage(signal);
    return this.#staged;
  }

  async make(signal?: AbortSignal): Promise<CacheLease> {
    return (await this.stage(signal)).lease;
  }

  /** Returns the rows as the only file of a source. Its state is the fingerprint, which changes if other rows are read in the end. */
  async files(signal?: AbortSignal): Promise<SourceFiles> {
    const state = await this.fingerprint(signal);
    const currentState = async (during?: AbortSignal): Promise<string> => (await this.stage(during)).fingerprint;
    const how = this.#source.query.fingerprint;
    const file = { path: this.shown, url: this.url, size: 0, isQuery: true, state, currentState, fingerprint: fingerprint({ how, state }) };
    return { source: this.#source.name, files: [file] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const staged = await this.#staged?.catch(() => undefined);
    await staged?.lease[Symbol.asyncDispose]();
  }

  #now(signal?: AbortSignal): Promise<string> {
    this.#known ??= this.#prepare(signal).then((request) => this.#source.query.connector.fingerprint(request, { signal }));
    return this.#known;
  }

  #prepare(signal?: AbortSignal): Promise<ReadRequest> {
    const { name, query } = this.#source;
    this.#request ??= columnsToRead(this.#source, signal).then((columns) => ({
      source: name,
      query: query.rows,
      columns,
      fingerprint: query.fingerprint,
    }));
    return this.#request;
  }

  async #stage(signal?: AbortSignal): Promise<StagedRows> {
    const { cache } = this.#context;
    const engine = requireEngine({ engine: this.#context.localEngine }, `reading the rows of source "${this.#source.name}" needs`);
    const request = await this.#prepare(signal);
    const now = await this.#now(signal);
    const lease = await cache.find(this.#idOf(request, now, engine));
    return lease === undefined ? this.#read(request, engine, signal) : { fingerprint: now, lease };
  }

  async #read(request: ReadRequest, engine: Engine, signal?: AbortSignal): Promise<StagedRows> {
    const { cache } = this.#context;
    this.#expectFile(engine);
    await using folder = await cache.workFolder();
    const path = join(folder.path, "rows");
    const { rows, fingerprint: read, format, encodings } = await this.#source.query.connector.read(request, path, { signal });
    const columns = request.columns.map(({ encoding: _, ...column }) => column);
    const stated = { ...encodings, ...encodingsIn(request) };
    const url = pathToFileURL(path).href;
    const plan: Plan = { op: "scan", source: request.source, format, paths: [url], columns, encodings: stated };
    const target = join(folder.path, "rows.parquet");
    const written = await engine.write(plan, { url: pathToFileURL(target).href, format: "parquet" }, { signal }).catch((error: unknown) => {
      throw renamed(error, { urls: new Map([[path, this.shown]]) });
    });
    if (written.rows !== rows) throw this.#miscounted(rows, written.rows);
    return { fingerprint: read, lease: await cache.add(this.#idOf(request, read, engine), target) };
  }

  /** Checks that the engine can write one local file, as the cache needs. @throws CAPABILITY_MISSING */
  #expectFile({ name, capabilities }: Engine): void {
    if (capabilities.output !== "folder" && capabilities.writes.includes("file")) return;
    const message = `source "${this.#source.name}": the rows of a query are cached in one local file, which the ${name} engine cannot write; export them to files and read those`;
    throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: name, capability: "writes one local file" });
  }

  /** Returns the cache id of the rows. */
  #idOf(request: ReadRequest, state: string, { name, version }: Engine): string {
    const { connector } = this.#source.query;
    const { source: _, ...what } = request;
    const context = [connector.name, connector.specVersion, this.shown, name, version, state];
    return createHash("sha256").update(canonicalJson({ context, what })).digest("hex");
  }

  #miscounted(sent: number, read: number): MlforgeError {
    const { name, query } = this.#source;
    const message = `source "${name}": ${query.connector.name} wrote ${sent} rows, but the engine read ${read} of them; nothing was built. Please report this bug`;
    return new MlforgeError("SOURCE_UNREADABLE", message, { source: name, path: this.shown });
  }
}

function encodingsIn({ columns }: ReadRequest): NonNullable<Extract<Plan, { op: "scan" }>["encodings"]> {
  return Object.fromEntries(columns.flatMap(({ name, encoding }) => (encoding === undefined ? [] : [[name, encoding]])));
}
