import { crc32 } from "node:zlib";
import {
  type CallOptions,
  type Column,
  columnTypeOf,
  type DecodeOptions,
  elementOf,
  type Format,
  fieldsOf,
  findColumn,
  type Kind,
  MlforgeError,
  type RandomAccessFile,
  type Schema,
  vectorOf,
} from "@mlforge/spec";
import * as arrow from "apache-arrow";

/** What stands at the end of a file: its columns, and where the bytes of each column are in each group of rows. */
interface Footer {
  readonly columns: Schema;
  readonly groups: readonly Group[];
}

interface Group {
  readonly rows: number;
  readonly chunks: readonly { readonly start: number; readonly end: number; readonly crc: number }[];
}

const magic = "COLUMNS1";
const tailBytes = 8 + magic.length;
const groupRows = 65_536;

/** Creates a format that keeps each column of each group of rows as an Arrow IPC stream. */
export function columnFormat(): Format {
  return {
    specVersion: 1,
    name: "columns",
    version: "1",
    describe: async (file, { signal } = {}) => ({ columns: (await readFooter(file, signal)).columns, unsupported: [] }),
    decode,
    encode,
  };
}

async function* decode(
  file: RandomAccessFile,
  { columns: wanted, batchRows = 65_536, signal }: DecodeOptions = {},
): AsyncGenerator<arrow.RecordBatch, void, undefined> {
  if (!Number.isSafeInteger(batchRows) || batchRows < 1) throw new TypeError(`batchRows must be a positive integer, not ${batchRows}`);
  const { columns, groups } = await readFooter(file, signal);
  const chosen = (wanted ?? columns.map(({ name }) => name)).map((name) => findColumn(name, columns, `"${file.name}"`));
  const schema = new arrow.Schema(chosen.map(({ name, ...column }) => fieldOf(name, column)));
  for (const { rows, chunks } of groups) {
    const children: arrow.Data[] = [];
    for (const column of chosen) {
      const { start = 0, end = 0, crc } = chunks[columns.indexOf(column)] ?? {};
      const bytes = await readBytes(file, start, end, signal);
      if (crc32(bytes) !== crc) throw corrupt(file, `the checksum of bytes ${start} to ${end} is wrong`);
      for (const { data } of arrow.RecordBatchReader.from(bytes)) children.push(...data.children);
    }
    for (let start = 0; start < rows; start += batchRows) {
      signal?.throwIfAborted();
      const length = Math.min(batchRows, rows - start);
      const slices = children.map((child) => child.slice(start, length));
      yield batchFrom(schema, length, slices);
    }
  }
}

function batchFrom(schema: arrow.Schema, rows: number, columns: arrow.Data[]): arrow.RecordBatch {
  return new arrow.RecordBatch(schema, new arrow.Data(new arrow.Struct(schema.fields), 0, rows, 0, {}, columns));
}

async function* encode(
  batches: AsyncIterable<arrow.RecordBatch>,
  columns: Schema,
  { signal }: CallOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const groups: Group[] = [];
  let position = 0;
  for await (const batch of abortable(batches, signal)) {
    check(batch, columns);
    for (let start = 0; start < batch.numRows; start += groupRows) {
      const rows = batch.slice(start, start + groupRows);
      const chunks = [];
      for (const { name } of columns) {
        const bytes = streamOf(rows, name);
        chunks.push({ start: position, end: position + bytes.length, crc: crc32(bytes) });
        position += bytes.length;
        yield bytes;
      }
      groups.push({ rows: rows.numRows, chunks });
    }
  }
  const types = columns.map(({ name, ...column }) => ({ name, ...columnTypeOf(column) }));
  const footer = Buffer.from(JSON.stringify({ columns: types, groups } satisfies Footer));
  const tail = Buffer.alloc(tailBytes, magic.padStart(tailBytes));
  tail.writeUInt32LE(footer.length, 0);
  tail.writeUInt32LE(crc32(footer), 4);
  yield Buffer.concat([footer, tail]);
}

/** Returns one column of a batch as an Arrow IPC stream. */
function streamOf({ schema, data, numRows }: arrow.RecordBatch, name: string): Uint8Array {
  const position = schema.fields.findIndex((field) => field.name === name);
  const batch = batchFrom(
    new arrow.Schema(schema.fields.slice(position, position + 1)),
    numRows,
    data.children.slice(position, position + 1),
  );
  return arrow.RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true);
}

async function readFooter(file: RandomAccessFile, signal: AbortSignal | undefined): Promise<Footer> {
  signal?.throwIfAborted();
  const tailStart = file.size - tailBytes;
  if (tailStart < 0) throw corrupt(file, "it is too short");
  const tail = Buffer.from(await readBytes(file, tailStart, file.size, signal));
  const start = tailStart - tail.readUInt32LE(0);
  if (tail.toString("latin1", 8) !== magic || start < 0) throw corrupt(file, "it does not end like one, and may be cut off");
  const bytes = await readBytes(file, start, tailStart, signal);
  if (crc32(bytes) !== tail.readUInt32LE(4)) throw corrupt(file, "the checksum of its footer is wrong");
  return JSON.parse(Buffer.from(bytes).toString());
}

async function readBytes(file: RandomAccessFile, start: number, end: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const bytes = await orAbort(file.read(start, end, { signal }), signal);
  if (bytes.length === end - start) return bytes;
  throw corrupt(file, `bytes ${start} to ${end} were requested, but ${bytes.length} arrived`);
}

function corrupt({ name }: RandomAccessFile, reason: string): MlforgeError {
  const message = `"${name}" is not a readable file of columns: ${reason}; restore it, or read another version`;
  return new MlforgeError("DATA_CORRUPT", message, { key: name, reason });
}

/** Refuses a batch that does not have exactly these columns. */
function check(batch: arrow.RecordBatch, columns: Schema): void {
  const problems = columns.flatMap((column) => {
    const vector = batch.getChild(column.name);
    if (vector === null) return [`${column.name} is missing`];
    const [is, should] = [String(vector.type), String(arrowTypeOf(column))];
    if (is !== should) return [`${column.name} should be ${should} and is ${is}`];
    const forbidden = vector.data.some((data) => hasNull(data, column, range(0, data.length)));
    return forbidden ? [`${column.name} has a null where it should have none`] : [];
  });
  const declared = new Set(columns.map(({ name }) => name));
  for (const { name } of batch.schema.fields) if (!declared.has(name)) problems.push(`${name} is not declared`);
  if (problems.length === 0) return;
  const where = "the rows to write";
  throw new MlforgeError("SCHEMA_MISMATCH", `${where} do not match the columns: ${problems.join("; ")}`, { where, problems });
}

/** Yields the items. An abort rejects at once, even while an item is awaited. Closes the items in any case. */
async function* abortable<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let waiting = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      waiting = true;
      const next = await orAbort(iterator.next(), signal);
      waiting = false;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    const closed = iterator.return?.();
    // Items that are awaited close later. An abort does not wait for that.
    if (waiting) closed?.catch(() => {});
    else await closed;
  }
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Returns true if one of these values is null where the column allows none, also inside lists, vectors and structs. */
function hasNull(data: arrow.Data | undefined, column: Column, rows: readonly number[]): boolean {
  const present = rows.filter((row) => data?.getValid(row));
  if (!column.nullable && present.length < rows.length) return true;
  switch (column.kind) {
    case "list":
      return hasNull(
        data?.children[0],
        elementOf(column),
        present.flatMap((row) => range(data?.valueOffsets[row], data?.valueOffsets[row + 1])),
      );
    case "vector": {
      const { length, element } = vectorOf(column);
      return hasNull(
        data?.children[0],
        { kind: element, nullable: false },
        present.flatMap((row) => range(row * length, (row + 1) * length)),
      );
    }
    case "struct":
      return fieldsOf(column).some((field, position) => hasNull(data?.children[position], field, present));
    default:
      return false;
  }
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

function fieldOf(name: string, column: Column): arrow.Field {
  return new arrow.Field(name, arrowTypeOf(column), column.nullable);
}

/** Returns the one Arrow type of a column. */
function arrowTypeOf(column: Kind): arrow.DataType {
  switch (column.kind) {
    case "string":
    case "json":
      return new arrow.Utf8();
    case "boolean":
      return new arrow.Bool();
    case "int32":
      return new arrow.Int32();
    case "int64":
      return new arrow.Int64();
    case "float32":
      return new arrow.Float32();
    case "float64":
      return new arrow.Float64();
    case "decimal":
      return new arrow.Decimal(column.scale ?? 0, column.precision ?? 38, 128);
    case "timestamp":
      return new arrow.TimestampMicrosecond("UTC");
    case "date":
      return new arrow.DateDay();
    case "bytes":
      return new arrow.Binary();
    case "time":
      return new arrow.TimeMicrosecond();
    case "list":
      return new arrow.List(fieldOf("element", elementOf(column)));
    case "vector": {
      const { length, element } = vectorOf(column);
      return new arrow.FixedSizeList(length, fieldOf("element", { kind: element, nullable: false }));
    }
    case "struct":
      return new arrow.Struct(fieldsOf(column).map(({ name, ...field }) => fieldOf(name, field)));
  }
}
