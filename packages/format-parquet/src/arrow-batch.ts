import type { NamedColumn } from "@mlforge/spec";
import { Field, makeData, RecordBatch, RecordBatchReader, RecordBatchStreamWriter, Schema, Struct } from "apache-arrow";
import { canonicalData } from "./arrow-column.js";
import { arrowTypeOf } from "./arrow-type.js";

function arrowSchemaOf(columns: readonly NamedColumn[]): Schema {
  return new Schema(columns.map((column) => new Field(column.name, arrowTypeOf(column), column.nullable)));
}

/** A batch of exactly the given columns, in their Arrow types, from the fields of the same names. */
export function canonicalBatch(batch: RecordBatch, columns: readonly NamedColumn[]): RecordBatch {
  const schema = arrowSchemaOf(columns);
  const children = columns.map((column) => {
    const data = batch.data.children[batch.schema.fields.findIndex(({ name }) => name === column.name)];
    if (data === undefined) throw new TypeError(`the batch has no column "${column.name}"`);
    return canonicalData(data, arrowTypeOf(column));
  });
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: batch.numRows, nullCount: 0, children }));
}

/** A batch without a row. */
export function emptyBatch(columns: readonly NamedColumn[]): RecordBatch {
  const schema = arrowSchemaOf(columns);
  const children = schema.fields.map(({ type }) => makeData({ type, length: 0, nullCount: 0 }));
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }));
}

/** A batch as an Arrow IPC stream. The bytes are the whole of their buffer. */
export function toIpc(batch: RecordBatch): Uint8Array {
  return new Uint8Array(RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true));
}

/** The schema and the batches of an Arrow IPC stream. */
export function fromIpc(bytes: Uint8Array): { readonly schema: Schema; readonly batches: readonly RecordBatch[] } {
  const reader = RecordBatchReader.from(bytes).open();
  return { schema: reader.schema, batches: [...reader] };
}
