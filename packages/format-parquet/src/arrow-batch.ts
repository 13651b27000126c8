import { MlforgeError, type NamedColumn } from "@mlforge/spec";
import { Data, DataType, Field, makeData, RecordBatch, RecordBatchReader, RecordBatchStreamWriter, Schema, Struct } from "apache-arrow";
import { canonicalData, TooFine } from "./arrow-column.js";
import { arrowTypeOf } from "./arrow-type.js";

function arrowSchemaOf(columns: readonly NamedColumn[]): Schema {
  return new Schema(columns.map((column) => new Field(column.name, arrowTypeOf(column), column.nullable)));
}

/**
 * Makes a batch with exactly the given columns, in their Arrow types, from the fields of the same names.
 *
 * @param where Names the origin of the batch, for messages.
 * @throws SCHEMA_MISMATCH if a timestamp has digits below a microsecond
 */
export function canonicalBatch(batch: RecordBatch, columns: readonly NamedColumn[], where: string): RecordBatch {
  const schema = arrowSchemaOf(columns);
  const children = columns.map((column) => {
    const data = batch.data.children[batch.schema.fields.findIndex(({ name }) => name === column.name)];
    if (data === undefined) throw new TypeError(`the batch has no column "${column.name}"`);
    return exactData(data, column, where);
  });
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: batch.numRows, nullCount: 0, children }));
}

function exactData(data: Data, column: NamedColumn, where: string): Data {
  try {
    return canonicalData(data, arrowTypeOf(column));
  } catch (error) {
    if (!(error instanceof TooFine)) throw error;
    const problem = `column "${column.name}" holds ${error.message}, and timestamps are whole microseconds`;
    throw new MlforgeError("SCHEMA_MISMATCH", `${where}: ${problem}; round them first`, { where, problems: [problem] }, { cause: error });
  }
}

/** Makes a batch without rows. */
export function emptyBatch(columns: readonly NamedColumn[]): RecordBatch {
  const schema = arrowSchemaOf(columns);
  const children = schema.fields.map(({ type }) => emptyData(type));
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }));
}

/** Makes data without values, also for the elements of lists and the fields of structs, which Arrow's `makeData` leaves out. */
function emptyData(type: DataType): Data {
  if (type.children === null || type.children === undefined) return makeData({ type, length: 0, nullCount: 0 });
  const children = type.children.map((field: Field) => emptyData(field.type));
  return new Data(type, 0, 0, 0, [DataType.isList(type) ? new Int32Array(1) : undefined], children);
}

/** Encodes a batch as an Arrow IPC stream. The bytes fill their whole buffer. */
export function toIpc(batch: RecordBatch): Uint8Array {
  return new Uint8Array(RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true));
}

/** Decodes the schema and the batches of an Arrow IPC stream. */
export function fromIpc(bytes: Uint8Array): { readonly schema: Schema; readonly batches: readonly RecordBatch[] } {
  const reader = RecordBatchReader.from(bytes).open();
  return { schema: reader.schema, batches: [...reader] };
}
