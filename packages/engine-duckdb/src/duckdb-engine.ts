import { tmpdir } from "node:os";
import {
  type Description,
  type Engine,
  type EngineCapabilities,
  type EngineOptions,
  isNested,
  type Leftover,
  type Plan,
  rollingFunctions,
  type Schema,
  schemaOf,
  type WriteResult,
  type WriteTarget,
} from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import type { RecordBatch } from "apache-arrow";
import { type Database, type DuckDBEngineOptions, leftSpill, openDatabase } from "./database.js";
import { describeRelation } from "./describe-relation.js";
import { duckdb } from "./dialect/duckdb.js";
import { canonicalType } from "./dialect/native-type.js";
import { isParquetScan } from "./dialect/parquet.js";
import { toUtc } from "./dialect/zone.js";
import { engineError, type SourceFile, targetFull } from "./engine-error.js";
import { localPath } from "./local-path.js";
import { queryError } from "./query-error.js";
import { recordBatches } from "./record-batches.js";
import { localTimestamps } from "./resolve-parquet.js";
import { resolvePlan } from "./resolve-plan.js";
import { Session } from "./session.js";

/**
 * The embedded engine: DuckDB in this process.
 *
 * Creating it loads nothing. The first call loads the native module and creates the database and the folder for spilled data. Calls can run
 * concurrently, each on its own connection. Extensions are never downloaded.
 *
 * @example
 * ```ts
 * await using engine = new DuckDBEngine({ memoryLimit: "2GB" });
 * const { columns } = await engine.describe(plan);
 * ```
 */
export class DuckDBEngine implements Engine {
  readonly specVersion = 1;
  readonly name = "duckdb";
  readonly version: string = "1.5.5";
  readonly capabilities: EngineCapabilities = { reads: ["file"], writes: ["file"], concurrency: 2, rolling: rollingFunctions };
  readonly #options: DuckDBEngineOptions;
  readonly #opening = new Set<Promise<Session>>();
  readonly #sessions = new Set<Session>();
  #database: Promise<Database> | undefined;
  /** The memory of this process after the last release, or before the first write. */
  #releasedBytes: number | undefined;
  #disposed = false;

  constructor(options: DuckDBEngineOptions = {}) {
    this.#options = options;
  }

  /** Returns the columns of a plan. Undeclared columns are nullable, because DuckDB does not know better. All others are as in the plan. */
  async describe(plan: Plan, options: EngineOptions = {}): Promise<Description> {
    const session = await this.#open(options);
    try {
      const { columns, unsupported, localTimestamps } = await this.#prepare(plan, session);
      return { columns, unsupported, ...(localTimestamps.length === 0 ? {} : { localTimestamps }) };
    } finally {
      await session.close();
    }
  }

  /** Returns rows in batches of up to 65,536. */
  async *run(plan: Plan, options: EngineOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const session = await this.#open(options);
    try {
      const { sql, columns, sources } = await this.#prepare(plan, session);
      await session.reportProgress();
      try {
        yield* recordBatches(sql, columns, session);
      } catch (error) {
        throw await queryError(error, sources, session);
      }
    } finally {
      await session.close();
    }
  }

  /**
   * Writes one Parquet file, compressed with zstd, or one CSV file. DuckDB removes it if the query fails or is interrupted.
   *
   * @throws CAPABILITY_MISSING for a target that is not a `file:` URL
   */
  async write(plan: Plan, target: WriteTarget, options: EngineOptions = {}): Promise<WriteResult> {
    const path = localPath(target.url);
    const session = await this.#open(options);
    try {
      const { sql, columns, sources } = await this.#prepare(plan, session);
      await session.reportProgress();
      await this.#releaseMemory(session);
      const file = duckdb.literal(path, { kind: "string" });
      const copy = `COPY (\n${copied(sql, columns, target)}\n) TO ${file} (${formats[target.format]}, USE_TMP_FILE false)`;
      try {
        const { rowsChanged } = await session.run((connection) => connection.run(copy));
        return { rows: rowsChanged, files: [{ url: target.url }] };
      } catch (error) {
        throw targetFull(error, path) ?? (await queryError(error, sources, session));
      }
    } finally {
      await session.close();
    }
  }

  /**
   * Frees memory between files, so that files written one after another need little more memory than the largest.
   *
   * A small query takes nearly twice as long after a release, so several small files share one.
   */
  async #releaseMemory(session: Session): Promise<void> {
    const database = await this.#database;
    const { rss } = process.memoryUsage();
    if (database === undefined || this.#releasedBytes === undefined || rss < this.#releasedBytes) this.#releasedBytes = rss;
    else if (rss > this.#releasedBytes + keptBytes) {
      await session.run((connection) => connection.run(database.releaseMemory));
      this.#releasedBytes = process.memoryUsage().rss;
    }
  }

  /** Finds the folders for spilled data of ended processes in `tempDirectory`. */
  leftovers(): Promise<readonly Leftover[]> {
    return leftSpill(this.#options.tempDirectory ?? tmpdir());
  }

  /** Stops running calls and removes spilled data. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.allSettled(this.#opening);
    const reason = new DOMException("the duckdb engine was disposed of", "AbortError");
    await Promise.all([...this.#sessions].map((session) => session.cancel(reason)));
    const database = await this.#database;
    await database?.close();
  }

  async #open(options: EngineOptions): Promise<Session> {
    options.signal?.throwIfAborted();
    if (this.#disposed) throw new TypeError("the duckdb engine was disposed of; make another one");
    const opening = this.#connect(options);
    this.#opening.add(opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  async #connect(options: EngineOptions): Promise<Session> {
    this.#database ??= openDatabase(this.#options);
    const database = await this.#database.catch((error: unknown) => {
      this.#database = undefined;
      throw engineError(error, { where: "opening the database", sources: [] });
    });
    const session = new Session(await database.connect(), database, options, (closed) => this.#sessions.delete(closed));
    this.#sessions.add(session);
    return session;
  }

  async #prepare(plan: Plan, session: Session): Promise<PreparedPlan> {
    const {
      plan: resolved,
      unsupported,
      sources,
    } = await resolvePlan(plan, session).catch((error: unknown) => {
      throw engineError(error, { where: "reading the sources", sources: [] });
    });
    const timestamps = resolved.op === "scan" && isParquetScan(resolved) ? localTimestamps(resolved) : [];
    const columns = schemaOf(resolved);
    const sql = compile(resolved, duckdb);
    const found = await describeRelation(sql, session).catch(async (error: unknown) => {
      throw await queryError(error, sources, session);
    });
    for (const [index, column] of columns.entries()) {
      const type = found[index]?.type;
      // These types decide how the bytes of the vectors are read.
      const wanted = duckdb.type(column);
      if (type !== wanted && (type === undefined || canonicalType(type) !== canonicalType(wanted)))
        throw new TypeError(`duckdb gives ${type} for column "${column.name}", not ${wanted}`);
    }
    return { sql, columns, unsupported, localTimestamps: timestamps, sources };
  }
}

/** The growth of this process, in bytes, after which the memory of earlier queries is released. */
const keptBytes = 64 * 1024 * 1024;

const formats = {
  // Readers, including DuckDB 1.5, miss rows because of Bloom filters on bytes and floats.
  parquet: "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, WRITE_BLOOM_FILTER false",
  csv: "FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'",
} as const;

/** Selects the rows as they are written: in Parquet, timestamps with a time zone; in CSV, bytes as base64 and nested values as JSON. */
function copied(sql: string, columns: Schema, { format, localTimestamps: local = [] }: WriteTarget): string {
  const values = columns.map(({ name, ...type }) => {
    const column = duckdb.identifier(name);
    if (format === "parquet") return local.includes(name) ? column : `${toUtc(column, type)} AS ${column}`;
    if (isNested(type)) return `${duckdb.jsonText(column, type)} AS ${column}`;
    return type.kind === "bytes" ? `to_base64(${column}) AS ${column}` : column;
  });
  return `SELECT ${values.join(", ")} FROM (\n${sql}\n) AS t`;
}

interface PreparedPlan extends Description {
  readonly localTimestamps: readonly string[];
  readonly sql: string;
  readonly sources: readonly SourceFile[];
}
