import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import type { EngineOptions } from "@mlforge/spec";
import { NativeError } from "./native-error.js";
import type { ParsedQueries } from "./query/read-query.js";
import type { TextCopy } from "./text/text-copy.js";
import type { TextFiles, TextReader } from "./text/text-files.js";

const interruptMs = 10;
const progressMs = 100;

/** The state that the sessions of a database share. */
interface SharedState {
  readonly texts: TextFiles;
  readonly queries: ParsedQueries;
}

/** The connection of one call: interrupted if the call's signal is aborted, polled for progress, and closed at the end. */
export class Session implements TextReader {
  readonly connection: DuckDBConnection;
  readonly texts: TextFiles;
  readonly queries: ParsedQueries;
  readonly signal: AbortSignal | undefined;
  readonly #options: EngineOptions;
  readonly #onClose: (session: Session) => void;
  #interrupting: NodeJS.Timeout | undefined;
  #reporting: NodeJS.Timeout | undefined;
  #running: Promise<unknown> | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  #closed = false;
  #streams = false;
  #held: (() => void)[] = [];

  constructor(connection: DuckDBConnection, { texts, queries }: SharedState, options: EngineOptions, onClose: (session: Session) => void) {
    this.connection = connection;
    this.texts = texts;
    this.queries = queries;
    this.signal = options.signal;
    this.#options = options;
    this.#onClose = onClose;
    options.signal?.addEventListener("abort", this.#onAbort);
  }

  /** Runs work on the connection. Rejects with a {@link NativeError}, or with the reason of the abort or of {@link cancel}. */
  async run<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    this.#throwIfCancelled();
    const running = work(this.connection);
    this.#running = running;
    try {
      return await running;
    } catch (error) {
      this.#throwIfCancelled();
      throw new NativeError(error);
    } finally {
      this.#running = undefined;
    }
  }

  /** Starts a query whose rows are read in chunks. The caller can stop before the last chunk. */
  stream(sql: string): Promise<DuckDBResult> {
    this.#streams = true;
    return this.run((connection) => connection.stream(sql));
  }

  /** Calls `onProgress` from now on until the session is closed. */
  async reportProgress(): Promise<void> {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    await this.run((connection) => connection.run("SET enable_progress_bar = true; SET enable_progress_bar_print = false"));
    this.#reporting = setInterval(() => {
      const { percentage } = this.connection.progress;
      if (percentage >= 0) onProgress({ fraction: Math.min(percentage / 100, 1) });
    }, progressMs).unref();
  }

  /** Keeps a copy of a text file until the session is closed. */
  hold(copy: TextCopy): void {
    const release = copy.hold();
    if (this.#closed) release();
    else this.#held.push(release);
  }

  /** Interrupts the running query and closes the connection. The call rejects with `reason`. */
  async cancel(reason: unknown): Promise<void> {
    this.#interrupt(reason);
    await Promise.allSettled([this.#running]);
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#interrupting);
    clearInterval(this.#reporting);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    // A result that was not fully read keeps its memory until it is collected. The next statement ends it.
    try {
      if (this.#streams) await this.connection.run("SELECT 1");
    } finally {
      this.connection.closeSync();
      for (const release of this.#held.splice(0)) release();
      this.#onClose(this);
    }
  }

  readonly #onAbort = (): void => this.#interrupt(this.#options.signal?.reason);

  /** Repeats the interrupt, because DuckDB forgets one that comes before the statement has begun in its thread. */
  #interrupt(reason: unknown): void {
    if (this.#cancelled !== undefined || this.#closed) return;
    this.#cancelled = { reason };
    this.connection.interrupt();
    this.#interrupting = setInterval(() => this.connection.interrupt(), interruptMs);
  }

  #throwIfCancelled(): void {
    this.#options.signal?.throwIfAborted();
    if (this.#cancelled !== undefined) throw this.#cancelled.reason;
  }
}
