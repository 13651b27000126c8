import type { NamedColumn } from "@mlforge/spec";
import type { DataType } from "apache-arrow";

export type Arrow = typeof import("apache-arrow");

/** The Arrow type of the batches' columns of each kind. */
export function arrowType({ kind, precision = 38, scale = 0 }: NamedColumn, arrow: Arrow): DataType {
  switch (kind) {
    case "string":
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
      return new arrow.Decimal(scale, precision, 128);
    case "timestamp":
      return new arrow.TimestampMicrosecond("UTC");
    case "date":
      return new arrow.DateDay();
    case "bytes":
      return new arrow.Binary();
  }
}
