import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isMlforgeError, type MlforgeError, type Plan, type Schema, type SourceFormat } from "@mlforge/spec";
import { type Cell, rowsOf } from "../../../testkit/src/engine/arrow-rows.js";
import { nullable } from "../../../testkit/src/engine/plans.js";
import { DuckDBEngine } from "../../src/index.js";

/** A folder of text files, and an engine that reads them. */
export class TextFolder implements AsyncDisposable {
  readonly path: string;
  readonly engine: DuckDBEngine = new DuckDBEngine({ threads: 2 });
  #files = 0;

  private constructor(path: string) {
    this.path = path;
  }

  static async open(): Promise<TextFolder> {
    return new TextFolder(await mkdtemp(join(tmpdir(), "mlforge-text-")));
  }

  async write(content: string | Uint8Array, ending = "csv"): Promise<string> {
    this.#files += 1;
    const path = join(this.path, `${this.#files}.${ending}`);
    await writeFile(path, content);
    return path;
  }

  scan(format: SourceFormat, paths: string | readonly string[], columns?: Schema): Plan {
    return { op: "scan", source: "rows", format, paths: [paths].flat().map((path) => pathToFileURL(path).href), columns };
  }

  /** The rows of files, every column of which is text. */
  async texts(format: SourceFormat, paths: string | readonly string[], names: readonly string[]): Promise<Cell[][]> {
    return rowsOf(
      this.engine,
      this.scan(
        format,
        paths,
        names.map((name) => nullable(name, "string")),
      ),
    );
  }

  /** How reading failed. The folder in the message is `DIR`. */
  async failure(
    reading: Promise<unknown>,
  ): Promise<{ readonly code: string; readonly message: string; readonly details: MlforgeError["details"] }> {
    const error = await reading.then(
      (rows) => new Error(`it was read: ${JSON.stringify(rows)}`),
      (reason: unknown) => reason,
    );
    if (!isMlforgeError(error)) throw error;
    return { code: error.code, message: error.message.replaceAll(this.path, "DIR"), details: error.details };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    await rm(this.path, { recursive: true });
  }
}
