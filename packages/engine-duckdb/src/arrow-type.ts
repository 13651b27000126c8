import { type Column, elementOf, fieldsOf, type Kind, vectorOf } from "@mlforge/spec";
import type { DataType, Field } from "apache-arrow";

export type Arrow = typeof import("apache-arrow");

/** Returns the Arrow type for each kind. */
export function arrowType(type: Kind, arrow: Arrow): DataType {
  const field = (name: string, column: Column): Field => new arrow.Field(name, arrowType(column, arrow), column.nullable);
  switch (type.kind) {
    case "list":
      return new arrow.List(field("element", elementOf(type)));
    case "vector": {
      const { length, element } = vectorOf(type);
      return new arrow.FixedSizeList(length, field("element", { kind: element, nullable: false }));
    }
    case "struct":
      return new arrow.Struct(fieldsOf(type).map((each) => field(each.name, each)));
    case "time":
      return new arrow.TimeMicrosecond();
    case "json":
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
      return new arrow.Decimal(type.scale ?? 0, type.precision ?? 38, 128);
    case "timestamp":
      return new arrow.TimestampMicrosecond("UTC");
    case "date":
      return new arrow.DateDay();
    case "bytes":
      return new arrow.Binary();
  }
}
