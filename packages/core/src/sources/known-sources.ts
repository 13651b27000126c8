import type { Description } from "@mlforge/spec";
import type { AnySource } from "../define/source.js";
import type { BuildContext } from "./context.js";
import { describeSource } from "./describe-source.js";
import { columnsToRead, type QuerySource, readsQuery } from "./query-columns.js";
import { QueryFile } from "./query-file.js";
import { findSourceFiles, type SourceFiles } from "./source-files.js";
import { type SourceHash, SourceHashes } from "./source-hashes.js";
import { describeVersion, latestVersion, type PlannedVersion, type ReadVersion, readsFeature, versionFiles } from "./upstream-files.js";

interface KnownOptions {
  readonly reads?: "now" | "later" | undefined;
  readonly rehash?: boolean | undefined;
  readonly hashes?: SourceHashes | undefined;
  readonly queries?: Map<AnySource, QueryFile> | undefined;
}

/** Caches what is known about sources during one call: finds, describes, and hashes each source once, however many features read it. */
export class KnownSources implements AsyncDisposable {
  readonly #context: BuildContext;
  readonly #hashes: SourceHashes;
  readonly #queries: Map<AnySource, QueryFile>;
  readonly #files = new Map<AnySource, Promise<SourceFiles>>();
  readonly #columns = new Map<AnySource, Promise<Description>>();
  readonly #versions = new Map<string, Promise<ReadVersion>>();

  readonly #reads: "now" | "later";

  /**
   * @param options `reads` is when to read the rows of queries: when they are found (`now`), or when something is computed from them (`later`).
   * Defaults to `later`. `rehash` hashes also the files whose hash is recorded. Defaults to false.
   */
  constructor(context: BuildContext, options: KnownOptions = {}) {
    this.#context = context;
    this.#hashes = options.hashes ?? new SourceHashes(context.cache.hashes, options.rehash === true);
    this.#queries = options.queries ?? new Map();
    this.#reads = options.reads ?? "later";
  }

  /** Finds all files again, because some have changed. Hashes only the changed files. Keeps the rows of queries that were already read. */
  refreshed(): KnownSources {
    return new KnownSources(this.#context, { hashes: this.#hashes, queries: this.#queries, reads: this.#reads });
  }

  files(source: AnySource, signal?: AbortSignal): Promise<SourceFiles> {
    return once(this.#files, source, async () => {
      if (readsFeature(source)) return versionFiles(source, await this.#version(source.name, signal), this.#context.store);
      if (!readsQuery(source)) return findSourceFiles(source, this.#context, signal);
      if (this.#reads === "now") await this.#query(source).stage(signal);
      return this.#query(source).files(signal);
    });
  }

  /** Reads the rows of the queries among these sources. From then on, {@link files} returns exactly the rows that will be used. */
  async stage(sources: readonly AnySource[], signal?: AbortSignal): Promise<void> {
    for (const source of sources) if (readsQuery(source)) await this.#query(source).stage(signal);
  }

  /** Returns the actual columns of the files or the query, regardless of what the source declares, and the columns that no column type can hold. */
  describe(source: AnySource, signal?: AbortSignal): Promise<Description> {
    return once(this.#columns, source, async () => {
      if (readsFeature(source)) return describeVersion(await this.#version(source.name, signal));
      return readsQuery(source)
        ? { columns: await columnsToRead(source, signal), unsupported: [] }
        : describeSource(source, await this.files(source, signal), this.#context, signal);
    });
  }

  hash(sources: readonly SourceFiles[], signal?: AbortSignal): Promise<SourceHash> {
    return this.#hashes.of(sources, signal);
  }

  /** Makes features that read this one see the version that a plan would publish or promote. */
  planVersion(feature: string, planned: PlannedVersion): void {
    this.#versions.set(feature, Promise.resolve(planned));
  }

  /** Releases the rows of queries, and records the hashes of files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hashes.save();
    for (const { url } of this.#queries.values()) await this.#context.files.forgetMade(url);
  }

  #version(feature: string, signal?: AbortSignal): Promise<ReadVersion> {
    const found = this.#versions.get(feature) ?? latestVersion(this.#context.store, feature, signal);
    this.#versions.set(feature, found);
    return found;
  }

  #query(source: QuerySource): QueryFile {
    const known = this.#queries.get(source);
    if (known !== undefined) return known;
    const file = new QueryFile(source, this.#context);
    this.#queries.set(source, file);
    this.#context.files.knowMade(file);
    return file;
  }
}

function once<T>(known: Map<AnySource, Promise<T>>, source: AnySource, find: () => Promise<T>): Promise<T> {
  const found = known.get(source) ?? find();
  known.set(source, found);
  return found;
}
