import { type Column, elementOf, fieldsOf, type Kind, type Schema, vectorOf } from "@mlforge/spec";
import {
  Schema as ArrowSchema,
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from "apache-arrow";

/** Returns the Arrow type that a format must decode a column to. */
export function arrowTypeOf(column: Kind): DataType {
  switch (column.kind) {
    case "string":
    case "json":
      return new Utf8();
    case "boolean":
      return new Bool();
    case "int32":
      return new Int32();
    case "int64":
      return new Int64();
    case "float32":
      return new Float32();
    case "float64":
      return new Float64();
    case "decimal":
      return new Decimal(column.scale ?? 0, column.precision ?? 38, 128);
    case "timestamp":
      return new TimestampMicrosecond("UTC");
    case "date":
      return new DateDay();
    case "bytes":
      return new Binary();
    case "time":
      return new TimeMicrosecond();
    case "list":
      return new List(fieldOf("element", elementOf(column)));
    case "vector": {
      const { length, element } = vectorOf(column);
      return new FixedSizeList(length, fieldOf("element", { kind: element, nullable: false }));
    }
    case "struct":
      return new Struct(fieldsOf(column).map(({ name, ...field }) => fieldOf(name, field)));
  }
}

/** Returns the Arrow schema of columns. */
export function arrowSchemaOf(columns: Schema): ArrowSchema {
  return new ArrowSchema(columns.map(({ name, ...column }) => fieldOf(name, column)));
}

function fieldOf(name: string, column: Column): Field {
  return new Field(name, arrowTypeOf(column), column.nullable);
}
