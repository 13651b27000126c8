import { type CallOptions, type Kind, MlforgeError, type Schema, typeText } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { canonicalBatch, emptyBatch, toIpc } from "./arrow-batch.js";
import { columnOf } from "./arrow-type.js";
import { hasForbiddenNull } from "./has-null.js";
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
  refuse(unwritableNames(columns));
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
    refuse(problemsOf(batch, columns));
    if (batch.numRows === 0) continue;
    const canonical = canonicalBatch(batch, columns, rowsToWrite);
    refuse(nullProblems(canonical, columns));
    yield toIpc(canonical);
  }
  return undefined;
}

function problemsOf(batch: RecordBatch, columns: Schema): readonly string[] {
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
  return problems;
}

function nullProblems({ data }: RecordBatch, columns: Schema): readonly string[] {
  return columns.flatMap((column, position) => {
    const child = data.children[position];
    return child !== undefined && hasForbiddenNull(child, column)
      ? [`${column.name} has a null inside where ${typeText(column)} allows none`]
      : [];
  });
}

/** @throws SCHEMA_MISMATCH if there are problems. */
function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const message = `the rows do not match the declared columns: ${problems.join("; ")}; fix the declared columns or the rows`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where: rowsToWrite, problems });
}

/** Lists the names that would come back as other names, because Arrow drops a byte order mark at the beginning. */
function unwritableNames(columns: Schema): readonly string[] {
  return columns.flatMap(({ name, of, fields = [] }) => [
    ...(name.startsWith("\ufeff") ? [`the name "\\ufeff${name.slice(1)}" begins with a byte order mark`] : []),
    ...unwritableNames(of === undefined ? fields : [{ ...of, name: "" }]),
  ]);
}

/** Names the type as it is written. Arrow has no JSON type, only strings. */
function writtenType(type: Kind): string {
  return typeText(type).replaceAll(/\bjson\b/g, "string");
}
