import { ParquetFormat } from "@mlforge/format-parquet";
import { describeFormat } from "@mlforge/testkit/format";
import { describe, it } from "vitest";

/**
 * The laws that ParquetFormat breaks: it cannot write lists and structs, loses rows with a null inside a list where none is allowed, and loses a byte
 * order mark at the beginning of a name. Each of these tests fails once its law holds.
 */
const broken: ReadonlySet<string> = new Set([
  "a null where the columns allow none is refused with SCHEMA_MISMATCH, also inside lists and structs",
  "round trip of lists, empty and with nulls inside",
  "round trip of lists, empty and with nulls inside, with nulls between them",
  "round trip of lists of strings",
  "round trip of lists of strings, with nulls between them",
  "round trip of lists of lists",
  "round trip of lists of lists, with nulls between them",
  "round trip of lists of structs",
  "round trip of lists of structs, with nulls between them",
  "round trip of structs with nulls inside",
  "round trip of structs with nulls inside, with nulls between them",
  "round trip of structs of lists, vectors and structs",
  "round trip of structs of lists, vectors and structs, with nulls between them",
  "a column of nothing but nulls comes back, for every kind",
  "any rows of any columns come back, in batches of any size",
  "a table without rows keeps its columns, whether there was no batch or an empty one",
  "describe returns the columns that were written: names, kinds, digits, nullability, and what is inside",
  "decode of one column returns its values, for every kind",
  "a column with a name that could be a path is not a field of a struct, nor the other way round",
  "fields of structs can have any name",
  "a name that begins with a byte order mark is kept, or refused when it is written",
  "slices of batches are written as the rows in them",
  "batches of other columns are refused with SCHEMA_MISMATCH, which lists every problem",
  "the first and the last bytes of a file alone are refused with DATA_CORRUPT",
  "a file that was cut off anywhere is refused with DATA_CORRUPT",
  "a file that lost its beginning or bytes in its middle is refused with DATA_CORRUPT, or its rows come back",
  "whatever bits are flipped, there are rows or a typed error, and the next file can be read",
  "an error of the file itself is passed on unchanged",
  "a file that returns fewer bytes than requested is refused with DATA_CORRUPT",
  "reading leaves the bytes of the file as they are",
]);

describeFormat({ describe, it: (law, body) => (broken.has(law) ? it.fails(law, body) : it(law, body)) }, "ParquetFormat", {
  open: () => new ParquetFormat(),
});
