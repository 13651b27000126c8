import { type Format, isMlforgeError, type Kind, MlforgeError, type NamedColumn, type RandomAccessFile, type Schema } from "@mlforge/spec";
import { Schema as ArrowSchema, Data, DataType, Field, RecordBatch, Struct, Timestamp, TimestampMicrosecond, Utf8 } from "apache-arrow";
import { arrowTypeOf, batchOf, collect, type PlainValue, plainRows } from "../../src/format/index.js";
import { columnFormat } from "./column-format.js";

/** A format with one mistake, and every law that it breaks, of those that the test runs. */
export interface BrokenFormat {
  readonly mistake: string;
  readonly breaks: readonly string[];
  readonly open: () => Format;
}

/** The reference format with some of its methods replaced. */
function altered(change: (inner: Format) => Partial<Format>): () => Format {
  return () => {
    const inner = columnFormat();
    return { ...inner, ...change(inner) };
  };
}

/** A format that changes the batches it is given. */
function writing(change: (batch: RecordBatch, columns: Schema, index: number) => Iterable<RecordBatch>): () => Format {
  return altered(({ encode }) => ({
    encode: (batches, columns, options) => {
      async function* changed(): AsyncGenerator<RecordBatch> {
        let index = 0;
        for await (const batch of batches) yield* change(batch, columns, index++);
      }
      return encode(changed(), columns, options);
    },
  }));
}

/** A format that changes the batches it returns. */
function reading(change: (batch: RecordBatch) => RecordBatch): () => Format {
  return altered(({ decode }) => ({
    async *decode(file, options) {
      for await (const batch of decode(file, options)) yield change(batch);
    },
  }));
}

/** A format that reads through another file. */
function through(wrap: (file: RandomAccessFile) => RandomAccessFile): () => Format {
  return altered(({ describe, decode }) => ({
    describe: (file, options) => describe(wrap(file), options),
    decode: (file, options) => decode(wrap(file), options),
  }));
}

/** A format that writes other values, also inside lists and structs. */
function changingValues(change: (value: PlainValue, type: Kind) => PlainValue): () => Format {
  return writing((batch, columns) => {
    let changes = 0;
    const counted = (value: PlainValue, type: Kind): PlainValue => {
      const changed = change(value, type);
      if (!Object.is(value, changed)) changes++;
      return changed;
    };
    const rows = rowsIn(batch, columns).map((row) => row.map((value, position) => deep(value, columns[position], counted)));
    return [changes === 0 ? batch : batchOf(columns.map(nullable), rows)];
  });
}

function deep(value: PlainValue, type: Kind | undefined, change: (value: PlainValue, type: Kind) => PlainValue): PlainValue {
  if (type === undefined) return value;
  const changed = change(value, type);
  if (typeof changed !== "object" || changed === null) return changed;
  return changed.map((inner, position) => deep(inner, type.of ?? type.fields?.[position] ?? { kind: type.element ?? "float64" }, change));
}

/** The rows of a batch, or none if it does not have these columns in this order, or not in their Arrow types. */
function rowsIn(batch: RecordBatch, columns: Schema): PlainValue[][] {
  const typed = (name: string, type: unknown): string => `${name} ${type}`;
  const is = batch.schema.fields.map(({ name, type }) => typed(name, type)).join();
  return is === columns.map((column) => typed(column.name, arrowTypeOf(column))).join() ? plainRows([batch]) : [];
}

const nullable = <C extends NamedColumn>(column: C): C => ({ ...column, nullable: true });

/** The same batch with other columns of the same rows. */
function withColumns(batch: RecordBatch, fields: readonly Field[], children: readonly Data[]): RecordBatch {
  const schema = new ArrowSchema([...fields]);
  return new RecordBatch(schema, new Data(new Struct(schema.fields), 0, batch.numRows, 0, {}, [...children]));
}

/** The batch with some of its columns in another Arrow type. */
function retyped(batch: RecordBatch, typeOf: (type: DataType) => DataType): RecordBatch {
  const fields = batch.schema.fields.map(({ name, type, nullable: nulls }) => new Field(name, typeOf(type), nulls));
  return withColumns(
    batch,
    fields,
    batch.data.children.map((data, position) => data.clone(fields[position]?.type)),
  );
}

function both(what: string): readonly string[] {
  return [`round trip of ${what}`, `round trip of ${what}, with nulls between them`];
}

function withNulls(what: string): string {
  return `round trip of ${what}, with nulls between them`;
}

const strings = "strings, empty, long and of any character";
const singles = "float32: NaN, -0, infinities and the smallest and largest";
const doubles = "float64: NaN, -0, infinities and the smallest and largest";
const lists = "lists, empty and with nulls inside";
const deepStructs = "structs of lists, vectors and structs";
const allNull = "a column of nothing but nulls comes back, for every kind";
const json = "JSON, as it was written";
const utc = "timestamps to the microsecond, adjusted to UTC";
const empty = "a table without rows keeps its columns, whether there was no batch or an empty one";
const byDefault = "a batch has at most 65,536 rows by default";
const positive = "a `batchRows` that is not a positive integer is refused with a TypeError";
const noColumns = "decode of no columns returns the number of rows";
const path = "a column with a name that could be a path is not a field of a struct, nor the other way round";
const byName = "the columns of a batch are found by name, in any order";
const laterBatch = "a later batch of other columns is refused too";
const oneColumn = "decode of one column returns its values, for every kind";
const described = "describe returns the columns that were written: names, kinds, digits, nullability, and what is inside";
const order = "rows are read in the order in which they were written";
const projected = "decode returns only the requested columns, in the requested order, one of them twice if requested twice";
const bytesOnly = "decode reads only the bytes of the requested columns, and describe those of none";
const unknown = "a column that the file does not have is refused with COLUMN_UNKNOWN, which names the nearest one";
const anyName = "columns can have any name, and each is found by it";
const strangers = ["no bytes", "one byte", "text", "JSON", "zeros", "ones"].map(
  (what) => `a file of ${what} is refused with DATA_CORRUPT, which names the file`,
);
const ends = "the first and the last bytes of a file alone are refused with DATA_CORRUPT";
const cut = "a file that was cut off anywhere is refused with DATA_CORRUPT";
const flipped = "whatever bits are flipped, there are rows or a typed error, and the next file can be read";
const fileError = "an error of the file itself is passed on unchanged";
const shortRead = "a file that returns fewer bytes than requested is refused with DATA_CORRUPT";
const atFirst = "every call with an aborted signal rejects with the signal's reason, and reads nothing";
const waiting = "an abort rejects a call that waits for bytes at once, with the signal's reason";
const between = "an abort between two batches rejects the decode with the signal's reason";
const pieces = "an abort between two pieces rejects the encode with the signal's reason, and closes the batches";
const stuck = "an abort rejects an encode that waits for a batch at once, with the signal's reason";
const closes = "breaking out of an encode closes the batches";
const usable = "a call that was broken out of, aborted or failed leaves the format usable";
const sameTime = "calls at the same time do not disturb each other";
const encodeMemory = "encode holds a bounded number of rows, however slowly its bytes are read";
const decodeMemory = "decode holds a bounded number of rows, however slowly its batches are read";

/** One law of each subject. The tests run these on every broken format, beside those that it must break. */
export const controls: ReadonlySet<string> = new Set([
  "round trip of int32 up to its limits, with nulls between them",
  "round trip of booleans",
  "batches of any size can be written, empty ones among them",
  projected,
  "a column with a name that could be a path is not a field of a struct, nor the other way round",
  "the columns of a batch are found by name, in any order",
  "a file of text is refused with DATA_CORRUPT, which names the file",
  fileError,
  atFirst,
  closes,
  sameTime,
]);

export const brokenFormats: readonly BrokenFormat[] = [
  {
    mistake: "writes a null time as midnight",
    breaks: [withNulls("times of day to the microsecond"), allNull, oneColumn],
    open: changingValues((value, { kind }) => (kind === "time" && value === null ? "0" : value)),
  },
  {
    mistake: "loses the nulls inside lists of numbers",
    breaks: [...both(lists), ...both("lists of lists"), ...both(deepStructs)],
    open: changingValues((value, { kind, of }) =>
      kind === "list" && of?.kind === "int64" && Array.isArray(value) && value.includes(null)
        ? value.filter((inner) => inner !== null)
        : value,
    ),
  },
  {
    mistake: "writes a null list as an empty one",
    breaks: [withNulls("lists of strings"), allNull],
    open: changingValues((value, { kind, of }) => (kind === "list" && of?.kind === "string" && value === null ? [] : value)),
  },
  {
    mistake: "writes an empty list as null",
    breaks: [...both("lists of strings")],
    open: changingValues((value, { kind, of }) =>
      kind === "list" && of?.kind === "string" && Array.isArray(value) && value.length === 0 ? null : value,
    ),
  },
  {
    mistake: "writes a null struct as a struct of nulls",
    breaks: [withNulls("structs with nulls inside"), ...both("lists of structs"), ...both(deepStructs), allNull],
    open: changingValues((value, { kind, fields = [] }) =>
      kind === "struct" && value === null && fields.every((field) => field.nullable) ? fields.map(() => null) : value,
    ),
  },
  {
    mistake: "writes NaN as null",
    breaks: [...both(singles), ...both("vectors of float32")],
    open: changingValues((value, { kind }) => (kind === "float32" && Number.isNaN(value) ? null : value)),
  },
  {
    mistake: "writes -0 as 0",
    breaks: [...both(doubles), ...both("vectors of one float64")],
    open: changingValues((value, { kind }) => (kind === "float64" && Object.is(value, -0) ? 0 : value)),
  },
  {
    mistake: "truncates strings to 65,535 characters",
    breaks: [...both(strings)],
    open: changingValues((value, { kind }) => (kind === "string" && typeof value === "string" ? value.slice(0, 65_535) : value)),
  },
  {
    mistake: "takes a byte order mark off strings",
    breaks: [...both(strings)],
    open: changingValues((value, { kind }) => (kind === "string" && typeof value === "string" ? value.replace(/^\ufeff/, "") : value)),
  },
  {
    mistake: "writes JSON in its shortest form",
    breaks: [...both(json)],
    open: changingValues((value, { kind }) => (kind === "json" && typeof value === "string" ? JSON.stringify(JSON.parse(value)) : value)),
  },
  {
    mistake: "writes int64 through a double",
    breaks: [...both("int64 up to its limits")],
    open: changingValues((value, { kind }) =>
      kind === "int64" && value !== null ? String(BigInt.asIntN(64, BigInt(Number(value)))) : value,
    ),
  },
  {
    mistake: "writes decimals through a double",
    breaks: [...both("decimals of 38 digits")],
    open: changingValues((value, { kind, precision }) =>
      kind === "decimal" && precision === 38 && value !== null ? String(BigInt(Number(value))) : value,
    ),
  },
  {
    mistake: "cuts timestamps to milliseconds",
    breaks: [...both(utc)],
    open: changingValues((value, { kind }) =>
      kind === "timestamp" && value !== null ? `${(BigInt(String(value)) / 1000n) * 1000n}` : value,
    ),
  },
  {
    mistake: "reads timestamps without their time zone",
    breaks: [...both(utc)],
    open: reading((batch) => retyped(batch, (type) => (DataType.isTimestamp(type) ? new Timestamp(type.unit) : type))),
  },
  {
    mistake: "reads bytes as strings",
    breaks: [...both("bytes")],
    open: reading((batch) => retyped(batch, (type) => (DataType.isBinary(type) ? new Utf8() : type))),
  },
  {
    mistake: "describes every column as nullable",
    breaks: [described],
    open: altered(({ describe }) => ({
      async describe(file, options) {
        const { columns, unsupported } = await describe(file, options);
        return { columns: columns.map(nullable), unsupported };
      },
    })),
  },
  {
    mistake: "describes every decimal with 38 digits",
    breaks: [described],
    open: altered(({ describe }) => ({
      async describe(file, options) {
        const { columns, unsupported } = await describe(file, options);
        return { columns: columns.map((column) => (column.kind === "decimal" ? { ...column, precision: 38 } : column)), unsupported };
      },
    })),
  },
  {
    mistake: "loses the columns of a table without rows",
    breaks: [empty],
    open: altered(({ encode }) => ({
      async *encode(batches, columns, options) {
        let rows = 0;
        async function* counted(): AsyncGenerator<RecordBatch> {
          for await (const batch of batches) {
            rows += batch.numRows;
            yield batch;
          }
        }
        const bytes = await collect(encode(counted(), columns, options));
        yield* rows === 0 ? encode(nothing(), [], options) : bytes;
      },
    })),
  },
  {
    mistake: "swaps two rows of a large batch",
    breaks: [order],
    open: writing((batch, columns) => {
      if (batch.numRows < 60_000) return [batch];
      const [first = [], second = [], ...others] = rowsIn(batch, columns);
      return [batchOf(columns, [second, first, ...others])];
    }),
  },
  {
    mistake: "takes an empty batch for the end",
    breaks: ["batches of any size can be written, empty ones among them"],
    open: altered(({ encode }) => ({
      encode: (batches, columns, options) => {
        async function* cutOff(): AsyncGenerator<RecordBatch> {
          for await (const batch of batches) {
            if (batch.numRows === 0) return;
            yield batch;
          }
        }
        return encode(cutOff(), columns, options);
      },
    })),
  },
  {
    mistake: "ignores `batchRows`",
    breaks: [],
    open: altered(({ decode }) => ({ decode: (file, { columns, signal } = {}) => decode(file, { columns, signal }) })),
  },
  {
    mistake: "loses the rows that do not fill a batch",
    breaks: ["a batch has at most `batchRows` rows, and no row is lost between batches"],
    open: altered(({ decode }) => ({
      async *decode(file, options = {}) {
        for await (const batch of decode(file, options)) if (batch.numRows === options.batchRows || options.batchRows !== 299) yield batch;
      },
    })),
  },
  {
    mistake: "has all rows in one batch by default",
    breaks: [byDefault],
    open: altered(({ describe, decode }) => ({
      async *decode(file, options = {}) {
        if (options.batchRows !== undefined || options.columns !== undefined) return yield* decode(file, options);
        yield batchOf((await describe(file, options)).columns, plainRows(await collect(decode(file, options))));
      },
    })),
  },
  {
    mistake: "takes a `batchRows` of 0 for the default",
    breaks: [positive],
    open: altered(({ decode }) => ({
      decode: (file, { batchRows, ...options } = {}) => decode(file, { ...options, batchRows: batchRows === 0 ? undefined : batchRows }),
    })),
  },
  {
    mistake: "ignores the requested columns",
    breaks: [projected, oneColumn, noColumns, bytesOnly, unknown, path],
    open: altered(({ decode }) => ({ decode: (file, { columns: _, ...options } = {}) => decode(file, options) })),
  },
  {
    mistake: "returns the requested columns in the order of the file",
    breaks: [projected, anyName],
    open: altered(({ describe, decode }) => ({
      async *decode(file, options = {}) {
        const { columns } = await describe(file, options);
        const names = columns.map(({ name }) => name);
        yield* decode(file, {
          ...options,
          columns: options.columns && [...options.columns].sort((a, b) => names.indexOf(a) - names.indexOf(b)),
        });
      },
    })),
  },
  {
    mistake: "returns a column once that was requested twice",
    breaks: [projected],
    open: altered(({ decode }) => ({
      decode: (file, options = {}) => decode(file, { ...options, columns: options.columns && [...new Set(options.columns)] }),
    })),
  },
  {
    mistake: "has no rows without columns",
    breaks: ["decode of no columns returns the number of rows"],
    open: altered(({ decode }) => ({
      async *decode(file, options) {
        for await (const batch of decode(file, options)) if (batch.numCols > 0) yield batch;
      },
    })),
  },
  {
    mistake: "reads the whole file for a column",
    breaks: [bytesOnly, decodeMemory],
    open: through((file) => {
      let whole: Promise<Uint8Array> | undefined;
      return {
        name: file.name,
        size: file.size,
        read: async (start, end, options) => {
          whole ??= file.read(0, file.size, options);
          const bytes = await whole;
          if (bytes.length !== file.size) return bytes.subarray(start, end - 1);
          return bytes.subarray(start, end);
        },
      };
    }),
  },
  {
    mistake: "leaves out a column that is not in the file",
    breaks: [unknown],
    open: altered(({ describe, decode }) => ({
      async *decode(file, options = {}) {
        const names = (await describe(file, options)).columns.map(({ name }) => name);
        yield* decode(file, { ...options, columns: options.columns?.filter((name) => names.includes(name)) });
      },
    })),
  },
  {
    mistake: "finds columns whatever their case",
    breaks: [anyName],
    open: altered(({ describe, decode }) => ({
      async *decode(file, options = {}) {
        const { columns } = await describe(file, options);
        const found = (name: string): string => columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.name ?? name;
        yield* decode(file, { ...options, columns: options.columns?.map(found) });
      },
    })),
  },
  {
    mistake: "keeps columns in an object, which puts names of digits first",
    breaks: [anyName],
    open: altered(({ describe }) => ({
      async describe(file, options) {
        const { columns, unsupported } = await describe(file, options);
        return { columns: Object.values(Object.fromEntries(columns.map((column) => [column.name, column]))), unsupported };
      },
    })),
  },
  {
    mistake: "trims the names of fields",
    breaks: ["fields of structs can have any name"],
    open: altered(({ encode }) => ({
      encode: (batches, columns, options) =>
        encode(
          batches,
          columns.map((column) => ({ ...column, fields: column.fields?.map((field) => ({ ...field, name: field.name.trim() })) })),
          options,
        ),
    })),
  },
  {
    mistake: "takes a dot in a name for a path",
    breaks: ["a column with a name that could be a path is not a field of a struct, nor the other way round"],
    open: altered(({ describe, decode }) => ({
      async *decode(file, options = {}) {
        const { columns } = await describe(file, options);
        const struct = columns.findIndex(({ kind }) => kind === "struct");
        const fields = columns[struct]?.fields?.map(({ name }) => `${columns[struct]?.name}.${name}`) ?? [];
        const [only = "", ...others] = options.columns ?? [];
        if (others.length > 0 || !fields.includes(only)) return yield* decode(file, options);
        for await (const batch of decode(file, { ...options, columns: [columns[struct]?.name ?? ""] })) {
          const data = batch.data.children[0]?.children[fields.indexOf(only)];
          if (data !== undefined) yield withColumns(batch, [new Field(only, data.type)], [data]);
        }
      },
    })),
  },
  {
    mistake: "loses a byte order mark at the beginning of a name",
    breaks: ["a name that begins with a byte order mark is kept, or refused when it is written"],
    open: altered(({ describe }) => ({
      async describe(file, options) {
        const { columns, unsupported } = await describe(file, options);
        return { columns: columns.map((column) => ({ ...column, name: column.name.replace(/^\ufeff/, "") })), unsupported };
      },
    })),
  },
  {
    mistake: "ignores where the validity of a slice begins",
    breaks: ["slices of batches are written as the rows in them"],
    open: writing((batch) => [
      withColumns(
        batch,
        batch.schema.fields,
        batch.data.children.map((data) => data.clone(data.type, 0)),
      ),
    ]),
  },
  {
    mistake: "takes the columns of a batch by their position",
    breaks: [byName],
    open: writing((batch, columns) => {
      if (batch.numCols !== columns.length) return [batch];
      const fields = batch.schema.fields.map(
        ({ type, nullable: nulls }, position) => new Field(columns[position]?.name ?? "", type, nulls),
      );
      return [withColumns(batch, fields, batch.data.children)];
    }),
  },
  {
    mistake: "writes timestamps in milliseconds as if they were microseconds",
    breaks: ["dictionaries, and timestamps in other units, as Arrow's factories make them, are written exactly or refused"],
    open: writing((batch) => [retyped(batch, (type) => (DataType.isTimestamp(type) ? new TimestampMicrosecond("UTC") : type))]),
  },
  {
    mistake: "lists only the first problem of a batch",
    breaks: ["batches of other columns are refused with SCHEMA_MISMATCH, which lists every problem"],
    open: altered(({ encode }) => ({
      async *encode(batches, columns, options) {
        try {
          yield* encode(batches, columns, options);
        } catch (error) {
          if (!isMlforgeError(error, "SCHEMA_MISMATCH")) throw error;
          throw new MlforgeError("SCHEMA_MISMATCH", error.message, { ...error.details, problems: error.details.problems.slice(0, 1) });
        }
      },
    })),
  },
  {
    mistake: "does not look for nulls inside lists",
    breaks: ["a null where the columns allow none is refused with SCHEMA_MISMATCH, also inside lists and structs"],
    open: altered(({ encode }) => ({
      encode: (batches, columns, options) =>
        encode(
          batches,
          columns.map((column) =>
            column.of?.kind === "int64" && !column.of.nullable ? { ...column, of: { ...column.of, nullable: true } } : column,
          ),
          options,
        ),
    })),
  },
  {
    mistake: "checks the first batch only",
    breaks: [laterBatch],
    open: writing((batch, columns, index) => (index > 0 && batch.numCols !== columns.length ? [] : [batch])),
  },
  {
    mistake: "wraps the error of the batches",
    breaks: ["an error of the batches themselves is passed on unchanged"],
    open: altered(({ encode }) => ({
      async *encode(batches, columns, options) {
        try {
          yield* encode(batches, columns, options);
        } catch (error) {
          if (options?.signal?.aborted === true || isMlforgeError(error)) throw error;
          throw new Error("cannot write", { cause: error });
        }
      },
    })),
  },
  {
    mistake: "writes the time into the file",
    breaks: ["the same batches give the same bytes"],
    open: altered(({ describe, decode, encode }) => {
      const shifted = (file: RandomAccessFile): RandomAccessFile => ({
        name: file.name,
        size: Math.max(0, file.size - 8),
        read: (start, end, options) => file.read(start + 8, end + 8, options),
      });
      let files = 0n;
      return {
        describe: (file, options) => describe(shifted(file), options),
        decode: (file, options) => decode(shifted(file), options),
        async *encode(batches, columns, options) {
          options?.signal?.throwIfAborted();
          yield new Uint8Array(BigInt64Array.of(files++).buffer);
          yield* encode(batches, columns, options);
        },
      };
    }),
  },
  {
    mistake: "writes into the batches it was given",
    breaks: ["encode leaves the batches as they are"],
    open: altered(({ encode }) => ({
      async *encode(batches, columns, options) {
        const seen: RecordBatch[] = [];
        async function* noted(): AsyncGenerator<RecordBatch> {
          for await (const batch of batches) {
            if (!seen.includes(batch)) seen.push(batch);
            yield batch;
          }
        }
        yield* encode(noted(), columns, options);
        for (const { data } of seen) for (const { values } of data.children) values?.fill(values instanceof BigInt64Array ? 0n : 0);
      },
    })),
  },
  {
    mistake: "reuses the memory of the batch before",
    breaks: ["batches stay as they are while later ones are read", sameTime],
    open: altered(({ decode }) => ({
      async *decode(file, options) {
        let before: RecordBatch | undefined;
        for await (const batch of decode(file, options)) {
          const last = before?.data.children[0]?.values;
          if (last instanceof Int32Array && options?.batchRows === 1) last.fill(0);
          before = batch;
          yield batch;
        }
      },
    })),
  },
  {
    mistake: "reads a file that was cut off as empty",
    breaks: [...strangers, ends, cut, shortRead],
    open: altered(({ describe, decode }) => ({
      describe: (file, options) => describe(file, options).catch(unless(isCorrupt, { columns: [], unsupported: [] })),
      async *decode(file, options) {
        try {
          yield* decode(file, options);
        } catch (error) {
          if (!isCorrupt(error)) throw error;
        }
      },
    })),
  },
  {
    mistake: "reads a file of no bytes as empty",
    breaks: ["a file of no bytes is refused with DATA_CORRUPT, which names the file"],
    open: altered(({ describe, decode }) => ({
      describe: async (file, options) => (file.size === 0 ? { columns: [], unsupported: [] } : await describe(file, options)),
      decode: (file, options) => (file.size === 0 ? nothing() : decode(file, options)),
    })),
  },
  {
    mistake: "fails with a RangeError on what it does not understand",
    breaks: [...strangers, ends, cut, shortRead],
    open: failingWith((error) => (isCorrupt(error) ? new RangeError("offset out of range") : error)),
  },
  {
    mistake: "does not say which file is corrupt",
    breaks: [...strangers, ends, cut, shortRead],
    open: failingWith((error) => (isCorrupt(error) ? new MlforgeError("DATA_CORRUPT", "corrupt", { key: "", reason: "corrupt" }) : error)),
  },
  {
    mistake: "says that a file is corrupt that it could not read",
    breaks: [fileError],
    open: failingWith((error) =>
      error instanceof Error && error.message === "the disk is gone"
        ? new MlforgeError("DATA_CORRUPT", "gone", { key: "gone", reason: "gone" })
        : error,
    ),
  },
  {
    mistake: "waits for more where a file returns fewer bytes than requested",
    breaks: [shortRead],
    open: through((file) => ({
      name: file.name,
      size: file.size,
      read: async (start, end, options) => {
        const bytes = await file.read(start, end, options);
        if (bytes.length < end - start) throw new Error("waited for more in vain");
        return bytes;
      },
    })),
  },
  {
    mistake: "is broken after a corrupt file",
    breaks: [flipped],
    open: altered(({ decode }) => {
      let isBroken = false;
      return {
        async *decode(file, options) {
          if (isBroken) throw new Error("the module panicked");
          try {
            yield* decode(file, options);
          } catch (error) {
            isBroken = isCorrupt(error);
            throw error;
          }
        },
      };
    }),
  },
  {
    mistake: "changes the bytes of a file while it reads them",
    breaks: ["reading leaves the bytes of the file as they are"],
    open: altered(({ decode }) => ({
      async *decode(file, options) {
        const reads: Uint8Array[] = [];
        const noted: RandomAccessFile = {
          name: file.name,
          size: file.size,
          read: async (start, end, call) => {
            const bytes = await file.read(start, end, call);
            reads.push(bytes);
            return bytes;
          },
        };
        yield* decode(noted, options);
        if (file.name === "data.file" && options === undefined) for (const bytes of reads.slice(0, 1)) bytes.fill(0, 0, 1);
      },
    })),
  },
  { mistake: "ignores signals", breaks: [atFirst, waiting, between, pieces, stuck], open: listening(() => undefined) },
  {
    mistake: "looks at signals only at first",
    breaks: [waiting, between, pieces, stuck],
    open: altered(({ describe, decode, encode }) => ({
      describe: (file, { signal } = {}) => (signal?.aborted ? Promise.reject(signal.reason) : describe(file)),
      async *decode(file, { signal, ...options } = {}) {
        signal?.throwIfAborted();
        yield* decode(file, options);
      },
      async *encode(batches, columns, { signal } = {}) {
        signal?.throwIfAborted();
        yield* encode(batches, columns);
      },
    })),
  },
  {
    mistake: "rejects with an AbortError in place of the reason",
    breaks: [atFirst, waiting, between, pieces, stuck],
    open: altered(({ describe, decode, encode }) => {
      const unlike = (signal: AbortSignal | undefined, error: unknown): unknown =>
        signal?.aborted ? new DOMException("aborted", "AbortError") : error;
      return {
        describe: (file, options) => describe(file, options).catch((error: unknown) => Promise.reject(unlike(options?.signal, error))),
        async *decode(file, options) {
          try {
            yield* decode(file, options);
          } catch (error) {
            throw unlike(options?.signal, error);
          }
        },
        async *encode(batches, columns, options) {
          try {
            yield* encode(batches, columns, options);
          } catch (error) {
            throw unlike(options?.signal, error);
          }
        },
      };
    }),
  },
  {
    mistake: "waits for a batch after an abort",
    breaks: [stuck],
    open: altered(({ encode }) => ({
      async *encode(batches, columns, { signal } = {}) {
        signal?.throwIfAborted();
        for await (const piece of encode(batches, columns)) {
          signal?.throwIfAborted();
          yield piece;
        }
        signal?.throwIfAborted();
      },
    })),
  },
  {
    mistake: "leaves the batches open",
    breaks: [pieces, closes],
    open: altered(({ encode }) => ({
      encode: (batches, columns, options) => {
        const iterator = batches[Symbol.asyncIterator]();
        return encode({ [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) }, columns, options);
      },
    })),
  },
  {
    mistake: "keeps something of every call that was broken out of",
    breaks: [usable],
    open: altered(({ decode }) => {
      let open = 0;
      return {
        async *decode(file, options) {
          if (open > 8) throw new Error("no thread is left");
          open++;
          try {
            yield* decode(file, options);
            open--;
          } catch (error) {
            open--;
            throw error;
          }
        },
      };
    }),
  },
  {
    mistake: "keeps the open file in the format",
    breaks: [sameTime],
    open: altered(({ decode }) => {
      let current: RandomAccessFile | undefined;
      return {
        async *decode(file, options) {
          current = file;
          const { name, size } = file;
          const last: RandomAccessFile = { name, size, read: (start, end, call) => (current ?? file).read(start, end, call) };
          yield* decode(last, options);
        },
      };
    }),
  },
  {
    mistake: "keeps all bytes until the last batch was written",
    breaks: [encodeMemory],
    open: altered(({ encode }) => ({
      async *encode(batches, columns, options) {
        yield* await collect(encode(batches, columns, options));
      },
    })),
  },
  {
    mistake: "reads all batches before it returns the first",
    breaks: [decodeMemory],
    open: altered(({ decode }) => ({
      async *decode(file, options) {
        yield* await collect(decode(file, options));
      },
    })),
  },
  { mistake: "has no name", breaks: ["has specVersion 1, a name and a version"], open: altered(() => ({ name: "" })) },
];

async function* nothing(): AsyncGenerator<never> {}

function isCorrupt(error: unknown): boolean {
  return isMlforgeError(error, "DATA_CORRUPT");
}

function unless<T>(expected: (error: unknown) => boolean, value: T): (error: unknown) => T {
  return (error) => {
    if (expected(error)) return value;
    throw error;
  };
}

/** A format that fails with another error. */
function failingWith(change: (error: unknown) => unknown): () => Format {
  return altered(({ describe, decode }) => ({
    describe: (file, options) => describe(file, options).catch((error: unknown) => Promise.reject(change(error))),
    async *decode(file, options) {
      try {
        yield* decode(file, options);
      } catch (error) {
        throw change(error);
      }
    },
  }));
}

/** A format that listens to another signal. */
function listening(change: (signal: AbortSignal | undefined) => AbortSignal | undefined): () => Format {
  return altered(({ describe, decode, encode }) => ({
    describe: (file, options) => describe(file, { signal: change(options?.signal) }),
    decode: (file, options) => decode(file, { ...options, signal: change(options?.signal) }),
    encode: (batches, columns, options) => encode(batches, columns, { signal: change(options?.signal) }),
  }));
}
