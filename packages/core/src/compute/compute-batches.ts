import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Format, isMlforgeError, MlforgeError, type Plan } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import type { PreparedFeature } from "../resolve/prepare.js";
import { bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { openFile } from "../sources/open-file.js";
import { expectBatch } from "./expect-batch.js";
import { RowOrder } from "./row-order.js";

export interface BatchesTarget {
  /** The Parquet file to write. */
  readonly path: string;
  /** If true, the rows must be sorted by keys and timestamp, because no engine will sort and check them. */
  readonly sorted: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a TypeScript function over the batches of its source and writes what it yields.
 *
 * Streams the batches. With `sorted`, checks the order and uniqueness of the keys on the way.
 */
export async function computeBatches(
  prepared: PreparedFeature,
  context: BuildContext,
  { path, sorted, signal }: BatchesTarget,
): Promise<{ readonly rows: number; readonly by: { readonly name: string; readonly version: string } }> {
  const { resolved } = prepared;
  const { feature, computation } = resolved;
  if (computation.kind !== "batches") throw new TypeError(`feature "${feature.name}" is not a function over batches`);
  const format = requireFormat(context, feature.name);
  const order = sorted ? new RowOrder(resolved) : undefined;
  let rows = 0;
  async function* output(): AsyncGenerator<RecordBatch> {
    for await (const batch of runFunction(prepared, context, signal)) {
      order?.check(batch);
      rows += batch.numRows;
      yield batch;
    }
  }
  await pipeline(format.encode(output(), computation.columns, { signal }), createWriteStream(path, { flags: "wx" }), { signal });
  return { rows, by: { name: format.name, version: format.version } };
}

/** Yields the batches that the function of a feature returns for the current rows of its source. */
export async function* runFunction(
  { resolved, sources }: PreparedFeature,
  context: BuildContext,
  signal?: AbortSignal,
): AsyncGenerator<RecordBatch> {
  const { computation, feature } = resolved;
  if (computation.kind !== "batches") throw new TypeError(`feature "${feature.name}" is not a function over batches`);
  const input = readInput(feature.name, bindSources(computation.input, sources), context, signal);
  for await (const batch of callFunction(feature.name, () => computation.run(input, { signal: signal ?? new AbortController().signal }))) {
    signal?.throwIfAborted();
    expectBatch(feature.name, batch);
    yield batch;
  }
}

/** Runs a function and wraps the errors that it throws, but not the errors of its input. */
async function* callFunction(feature: string, run: () => AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  try {
    yield* run();
  } catch (error) {
    if (isMlforgeError(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new MlforgeError(
      "TRANSFORM_FAILED",
      `the function of feature "${feature}" threw: ${message}`,
      { where: feature },
      { cause: error },
    );
  }
}

async function* readInput(feature: string, input: Plan, context: BuildContext, signal?: AbortSignal): AsyncGenerator<RecordBatch> {
  const { engine, format } = context;
  if (engine !== undefined) {
    yield* engine.run(input, { signal });
    return;
  }
  if (
    format === undefined ||
    input.op !== "scan" ||
    input.encodings !== undefined ||
    input.partitions !== undefined ||
    input.format.kind !== format.name
  ) {
    throw new MlforgeError(
      "CAPABILITY_MISSING",
      `${unreadable(feature, input, format)}; pass an engine to Definitions, for example new DuckDBEngine()`,
      { plugin: "Definitions", capability: "engine" },
    );
  }
  for (const url of input.paths) {
    const columns = input.columns?.map((column) => column.name);
    await using file = await openFile(url, columns === undefined ? { kind: "whole" } : { kind: "columns", columns }, context, signal);
    yield* format.decode(file, { columns, signal });
  }
}

/** Explains why a format cannot read the input of a function. */
function unreadable(feature: string, input: Plan, format: Format | undefined): string {
  if (input.op !== "scan") return `the input of feature "${feature}" needs an engine`;
  const source = `source "${input.source}" of feature "${feature}"`;
  if (input.partitions !== undefined) return `${source} has columns from folder names, which need an engine`;
  if (input.format.kind === format?.name) return `${source} has timestamps in text or integers, which need an engine`;
  return `${source} is ${input.format.kind}; without an engine, Definitions reads ${format === undefined ? "nothing" : `only ${format.name}`}`;
}

function requireFormat({ format }: BuildContext, feature: string): Format {
  if (format !== undefined) return format;
  throw new MlforgeError(
    "CAPABILITY_MISSING",
    `feature "${feature}" is a function over batches and needs a format to write them; pass one to Definitions, for example format: new ParquetFormat()`,
    { plugin: "Definitions", capability: "format" },
  );
}
