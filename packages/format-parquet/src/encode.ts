import { type CallOptions, type Kind, MlforgeError, type Schema, typeText } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { canonicalBatch, emptyBatch, toIpc } from "./arrow-batch.js";
import { columnOf } from "./arrow-type.js";
import { PeerError } from "./peer.js";
import type { WorkerPool } from "./worker-pool.js";

const rowsToWrite = "the rows to write";

/** The number of rows in a row group, which the writer holds in memory. */
const rowGroupRows = 122_880;

export async function* encode(
  workers: WorkerPool,
  batches: AsyncIterable<RecordBatch>,
  columns: Schema,
  { signal }: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const input = checkedBatches(batches, columns);
  let waiting = false;
  const nextBatch = async (): Promise<Uint8Array | undefined> => {
    waiting = true;
    const { value } = await input.next();
    waiting = false;
    return value;
  };
  const job = workers.start({ nextBatch }, signal);
  let reusable = false;
  try {
    await job.call("startWriting", { rowGroupRows });
    for (;;) {
      const bytes = await job.call("writeBytes", undefined);
      if (bytes === undefined) break;
      yield bytes;
    }
    reusable = true;
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    const where = "the Parquet writer";
    throw new MlforgeError("TRANSFORM_FAILED", `${where} failed: ${error.message}`, { where }, { cause: error });
  } finally {
    await job.end(reusable);
    const closed = input.return(undefined);
    // A source that is reading a batch closes afterwards. An abort does not wait for it.
    if (waiting) closed.catch(() => {});
    else await closed;
  }
}

/** Yields every batch as an IPC stream, or one empty batch if there are none, because the writer takes the schema from the first. */
async function* checkedBatches(batches: AsyncIterable<RecordBatch>, columns: Schema): AsyncGenerator<Uint8Array, undefined, undefined> {
  yield toIpc(emptyBatch(columns));
  for await (const batch of batches) {
    check(batch, columns);
    if (batch.numRows > 0) yield toIpc(canonicalBatch(batch, columns, rowsToWrite));
  }
  return undefined;
}

function check(batch: RecordBatch, columns: Schema): void {
  const fields = new Map(batch.schema.fields.map((field) => [field.name, field]));
  const problems = columns.flatMap((column) => {
    const field = fields.get(column.name);
    if (field === undefined) return [`${column.name} is missing`];
    const found = columnOf(field);
    const [is, should] = [found ? writtenType(found) : String(field.type), writtenType(column)];
    if (is !== should) return [`${column.name} should be ${should} and is ${is}`];
    const nulls = batch.getChild(column.name)?.nullCount ?? 0;
    return nulls > 0 && !column.nullable ? [`${column.name} should have no nulls and has ${nulls}`] : [];
  });
  const declared = new Set(columns.map(({ name }) => name));
  for (const name of fields.keys()) if (!declared.has(name)) problems.push(`${name} is not declared`);
  if (problems.length === 0) return;
  const message = `the rows do not match the declared columns: ${problems.join("; ")}; fix the declared columns or the rows`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where: rowsToWrite, problems });
}

/** Names the type as it is written. Arrow has no JSON type, only strings. */
function writtenType(type: Kind): string {
  return typeText(type).replaceAll(/\bjson\b/g, "string");
}
