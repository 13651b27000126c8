import type { Column, ColumnKind, Columns, VectorElement } from "@mlforge/spec";
import type { ColumnOptions } from "./column-options.js";
import { checkDigits } from "./decimal-digits.js";
import { checkElement, checkFields, checkLength } from "./nested-columns.js";
import { encodingFrom, type TimestampOptions } from "./time-encoding.js";

type Nullable<O extends ColumnOptions> = O["nullable"] extends false ? false : true;

/** The types a column can have: `{ origin: t.string(), delay: t.int64({ nullable: false }) }`. */
export interface ColumnTypes {
  string<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"string", Nullable<O>>;
  boolean<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"boolean", Nullable<O>>;
  int32<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"int32", Nullable<O>>;
  int64<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"int64", Nullable<O>>;
  float32<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"float32", Nullable<O>>;
  float64<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"float64", Nullable<O>>;
  /** An exact number of `precision` digits (1 to 38), `scale` of them after the decimal point. A string in JavaScript. */
  decimal<const O extends ColumnOptions = ColumnOptions>(precision: number, scale: number, options?: O): Column<"decimal", Nullable<O>>;
  /**
   * A timestamp in microseconds, UTC. Files of a source can store it as a timestamp, a date, text in an unambiguous known format, text in the
   * declared `format`, or an integer since the Unix epoch in `unit`. Text without a time zone is read as UTC.
   */
  timestamp<const O extends TimestampOptions = TimestampOptions>(options?: O): Column<"timestamp", Nullable<O>>;
  /** A date. A Date at midnight UTC in JavaScript. */
  date<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"date", Nullable<O>>;
  bytes<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"bytes", Nullable<O>>;
  /** A time of day in microseconds, without a time zone. A string in JavaScript: `HH:MM:SS.ffffff`. */
  time<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"time", Nullable<O>>;
  /** Any JSON, kept as its original text so that no number loses digits. A string in JavaScript; parse it with `JSON.parse`. */
  json<const O extends ColumnOptions = ColumnOptions>(options?: O): Column<"json", Nullable<O>>;
  /** Any number of values of one type: `t.list(t.string())`. An array in JavaScript. */
  list<const E extends Column, const O extends ColumnOptions = ColumnOptions>(of: E, options?: O): Column<"list", Nullable<O>, E>;
  /**
   * An embedding of exactly `length` numbers without nulls. A value of another length fails the build. A Float32Array or Float64Array in JavaScript.
   */
  vector<const V extends VectorElement, const O extends ColumnOptions = ColumnOptions>(
    length: number,
    element: V,
    options?: O,
  ): Column<"vector", Nullable<O>, V>;
  /** Named fields: `t.struct({ city: t.string(), zip: t.int32() })`. An object in JavaScript. */
  struct<const F extends Columns, const O extends ColumnOptions = ColumnOptions>(fields: F, options?: O): Column<"struct", Nullable<O>, F>;
}

/** The column types. */
export const t: ColumnTypes = {
  string: (options) => column("string", options),
  boolean: (options) => column("boolean", options),
  int32: (options) => column("int32", options),
  int64: (options) => column("int64", options),
  float32: (options) => column("float32", options),
  float64: (options) => column("float64", options),
  decimal: (precision, scale, options) => ({ ...column("decimal", options), ...checkDigits(precision, scale) }),
  timestamp: (options) => ({ ...column("timestamp", options), ...encodingFrom(options) }),
  date: (options) => column("date", options),
  bytes: (options) => column("bytes", options),
  time: (options) => column("time", options),
  json: (options) => column("json", options),
  list: <const E extends Column, const O extends ColumnOptions>(of: E, options?: O) => ({
    ...column<"list", O, E>("list", options),
    of: checkElement(of),
  }),
  vector: <const V extends VectorElement, const O extends ColumnOptions>(length: number, element: V, options?: O) => ({
    ...column<"vector", O, V>("vector", options),
    ...checkLength(length, element),
  }),
  struct: <const F extends Columns, const O extends ColumnOptions>(fields: F, options?: O) => ({
    ...column<"struct", O, F>("struct", options),
    fields: checkFields(fields),
  }),
};

function column<K extends ColumnKind, O extends ColumnOptions, D = unknown>(kind: K, options: O | undefined): Column<K, Nullable<O>, D> {
  // A conditional type over O cannot be proved from a value; this is its one definition.
  return { kind, nullable: (options?.nullable ?? true) as Nullable<O> };
}
