import type duckdb from "@duckdb/node-bindings";
import { type Column, elementOf, fieldsOf, vectorOf } from "@mlforge/spec";
import type { Data } from "apache-arrow";
import { type Arrow, arrowType } from "./arrow-type.js";
import { BooleanColumn } from "./boolean-column.js";
import { DecimalColumn } from "./decimal-column.js";
import { FixedWidthColumn } from "./fixed-width-column.js";
import { ListColumn } from "./list-column.js";
import { StringColumn } from "./string-column.js";
import { StructColumn } from "./struct-column.js";
import { VectorColumn } from "./vector-column.js";

/** The low-level calls of DuckDB's Node module, which return the bytes of a vector. */
export type Bindings = typeof duckdb;

/** One column of a record batch, filled from chunks of DuckDB. */
export interface ArrowColumn {
  /** Copies `rows` values of a flat vector, starting at `start`. DuckDB flattens the vectors that it returns. */
  append(vector: duckdb.Vector, start: number, rows: number): void;
  /** Adds rows inside a null: nulls, or, if the column cannot have nulls, meaningless values. */
  appendMissing(rows: number): void;
  /** The number of bytes of values so far. */
  readonly byteLength: number;
  /** Returns the column so far, and starts a new one. */
  finish(): Data;
}

/** Creates an empty column of this kind. */
export function arrowColumn(column: Column, arrow: Arrow, bindings: Bindings): ArrowColumn {
  const type = arrowType(column, arrow);
  const data = (rows: number, buffers: ColumnBuffers): Data => {
    const { nullCount, bitmap } = buffers.validity;
    return new arrow.Data(
      type,
      0,
      rows,
      nullCount,
      {
        ...(buffers.values === undefined ? {} : { 1: buffers.values }),
        ...(buffers.offsets === undefined ? {} : { 0: buffers.offsets }),
        ...(bitmap === undefined ? {} : { 2: bitmap }),
      },
      [...(buffers.children ?? [])],
    );
  };
  const settings: ColumnSettings = { bindings, data, nullable: column.nullable };
  const inner = (each: Column): ArrowColumn => arrowColumn(each, arrow, bindings);
  switch (column.kind) {
    case "list":
      return new ListColumn(settings, inner(elementOf(column)));
    case "vector": {
      const { length, element } = vectorOf(column);
      return new VectorColumn(settings, inner({ kind: element, nullable: false }), length);
    }
    case "struct":
      return new StructColumn(settings, fieldsOf(column).map(inner));
    case "json":
    case "string":
    case "bytes":
      return new StringColumn(settings);
    case "boolean":
      return new BooleanColumn(settings);
    case "decimal":
      return new DecimalColumn(settings, column.precision ?? 38);
    case "int32":
    case "date":
      return new FixedWidthColumn(settings, Int32Array);
    case "float32":
      return new FixedWidthColumn(settings, Float32Array);
    case "float64":
      return new FixedWidthColumn(settings, Float64Array);
    case "int64":
    case "time":
    case "timestamp":
      return new FixedWidthColumn(settings, BigInt64Array);
  }
}

/** The buffers of Arrow's columnar format. */
interface ColumnBuffers {
  readonly values?: ArrayBufferView;
  readonly children?: readonly Data[];
  readonly offsets?: Int32Array;
  readonly validity: { readonly nullCount: number; readonly bitmap: Uint8Array | undefined };
}

type MakeData = (rows: number, buffers: ColumnBuffers) => Data;

/** The state that every column needs. */
export interface ColumnSettings {
  readonly bindings: Bindings;
  readonly data: MakeData;
  readonly nullable: boolean;
}
