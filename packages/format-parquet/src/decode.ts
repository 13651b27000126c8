import {
  type CallOptions,
  type DecodeOptions,
  type Description,
  findColumn,
  MlforgeError,
  type NamedColumn,
  type RandomAccessFile,
} from "@mlforge/spec";
import { Schema as ArrowSchema, type Field, makeData, RecordBatch, Struct } from "apache-arrow";
import { canonicalBatch, fromIpc } from "./arrow-batch.js";
import { columnOf } from "./arrow-type.js";
import { PeerError } from "./peer.js";
import type { Job, WorkerPool } from "./worker-pool.js";

export async function describe(workers: WorkerPool, file: RandomAccessFile, options: CallOptions): Promise<Description> {
  const job = startReading(workers, file, options);
  try {
    const fields = await open(job, file);
    const found = fields.map((field) => ({ field, column: columnOf(field) }));
    return {
      columns: found.flatMap(({ column }) => column ?? []),
      unsupported: found.flatMap(({ field, column }) => (column === undefined ? [{ name: field.name, type: String(field.type) }] : [])),
    };
  } catch (error) {
    throw explain(error, file);
  } finally {
    await job.end(true);
  }
}

export async function* decode(
  workers: WorkerPool,
  file: RandomAccessFile,
  options: DecodeOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { batchRows = 65_536 } = options;
  if (!Number.isSafeInteger(batchRows) || batchRows < 1) throw new TypeError(`batchRows must be a positive integer, not ${batchRows}`);
  const job = startReading(workers, file, options);
  let reusable = false; // Stays false if the consumer stops early, because a call is running.
  try {
    const columns = choose(await open(job, file), options.columns, file);
    yield* columns.length === 0
      ? emptyRows(await job.call("countRows", undefined), batchRows)
      : rows(job, columns, { batchRows, where: `"${file.name}"` });
    reusable = true;
  } catch (error) {
    reusable = true;
    throw explain(error, file);
  } finally {
    await job.end(reusable);
  }
}

function startReading(workers: WorkerPool, file: RandomAccessFile, { signal }: CallOptions): Job {
  signal?.throwIfAborted();
  return workers.start(
    {
      read: async ({ start, end }) => {
        // Damaged metadata can point anywhere.
        if (start < 0 || end > file.size || start > end) throw corrupt(file, `bytes ${start} to ${end} of ${file.size} are needed`);
        const bytes = await file.read(start, end, { signal });
        if (bytes.length !== end - start) throw corrupt(file, `bytes ${start} to ${end} were requested, but ${bytes.length} arrived`);
        return new Uint8Array(bytes);
      },
    },
    signal,
  );
}

async function open(job: Job, file: RandomAccessFile): Promise<readonly Field[]> {
  return fromIpc(await job.call("open", { size: file.size })).schema.fields;
}

function choose(fields: readonly Field[], wanted: readonly string[] | undefined, file: RandomAccessFile): readonly NamedColumn[] {
  const supported = fields.flatMap((field) => columnOf(field) ?? []);
  const names = wanted ?? fields.map(({ name }) => name);
  const problems = fields
    .filter(({ name }) => names.includes(name) && !supported.some((column) => column.name === name))
    .map(({ name, type }) => `${name} has the type ${type}, which no column kind holds`);
  if (problems.length > 0) {
    const where = `"${file.name}"`;
    throw new MlforgeError("SCHEMA_MISMATCH", `${where} cannot be read: ${problems.join("; ")}; leave these columns out`, {
      where,
      problems,
    });
  }
  return names.map((name) => findColumn(name, supported, `"${file.name}"`));
}

interface RowOptions {
  readonly batchRows: number;
  readonly where: string;
}

async function* rows(
  job: Job,
  columns: readonly NamedColumn[],
  { batchRows, where }: RowOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  await job.call("startReading", { columns: [...new Set(columns.map(({ name }) => name))], batchRows });
  let next = job.call("readBatch", undefined);
  for (;;) {
    const ipc = await next;
    if (ipc === undefined) return;
    // The thread decodes the next batch while the consumer works on this one. If the consumer stops early, nobody awaits that call.
    next = job.call("readBatch", undefined);
    next.catch(() => {});
    for (const batch of fromIpc(ipc).batches) yield canonicalBatch(batch, columns, where);
  }
}

/** Yields batches without columns, which the reader cannot make. */
function* emptyRows(count: number, batchRows: number): Generator<RecordBatch, void, undefined> {
  for (let start = 0; start < count; start += batchRows) {
    const length = Math.min(batchRows, count - start);
    yield new RecordBatch(new ArrowSchema([]), makeData({ type: new Struct([]), length, nullCount: 0, children: [] }));
  }
}

function explain(error: unknown, file: RandomAccessFile): unknown {
  return error instanceof PeerError ? corrupt(file, error.message, error) : error;
}

function corrupt(file: RandomAccessFile, reason: string, cause?: unknown): MlforgeError<"DATA_CORRUPT"> {
  const message = `"${file.name}" is not a readable Parquet file: ${reason}; restore it, or read another version`;
  return new MlforgeError("DATA_CORRUPT", message, { key: file.name, reason }, { cause });
}
