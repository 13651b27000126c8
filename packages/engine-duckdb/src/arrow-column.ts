import type duckdb from "@duckdb/node-bindings";
import type { NamedColumn } from "@mlforge/spec";
import type { Data } from "apache-arrow";
import { type Arrow, arrowType } from "./arrow-type.js";
import { BooleanColumn } from "./boolean-column.js";
import { DecimalColumn } from "./decimal-column.js";
import { FixedWidthColumn } from "./fixed-width-column.js";
import { StringColumn } from "./string-column.js";

/** The low-level calls of DuckDB's Node module, which give the bytes of a vector. */
export type Bindings = typeof duckdb;

/** One column of a record batch while it fills with chunks of DuckDB's. */
export interface ArrowColumn {
  /** Copies the first `rows` values of a flat vector; DuckDB flattens what it hands out. */
  append(vector: duckdb.Vector, rows: number): void;
  /** Bytes of values so far. */
  readonly byteLength: number;
  /** The column so far. Starts anew. */
  finish(): Data;
}

/** An empty column of this kind. */
export function arrowColumn(column: NamedColumn, arrow: Arrow, bindings: Bindings): ArrowColumn {
  const data = (rows: number, buffers: ColumnBuffers): Data => {
    const { nullCount, bitmap } = buffers.validity;
    return new arrow.Data(arrowType(column, arrow), 0, rows, nullCount, {
      1: buffers.values,
      ...(buffers.offsets === undefined ? {} : { 0: buffers.offsets }),
      ...(bitmap === undefined ? {} : { 2: bitmap }),
    });
  };
  switch (column.kind) {
    case "string":
    case "bytes":
      return new StringColumn(bindings, data);
    case "boolean":
      return new BooleanColumn(bindings, data);
    case "decimal":
      return new DecimalColumn(bindings, data, column.precision ?? 38);
    case "int32":
    case "date":
      return new FixedWidthColumn(bindings, data, Int32Array);
    case "float32":
      return new FixedWidthColumn(bindings, data, Float32Array);
    case "float64":
      return new FixedWidthColumn(bindings, data, Float64Array);
    case "int64":
    case "timestamp":
      return new FixedWidthColumn(bindings, data, BigInt64Array);
  }
}

/** The buffers of Arrow's columnar format. */
interface ColumnBuffers {
  readonly values: ArrayBufferView;
  readonly offsets?: Int32Array;
  readonly validity: { readonly nullCount: number; readonly bitmap: Uint8Array | undefined };
}

export type MakeData = (rows: number, buffers: ColumnBuffers) => Data;
