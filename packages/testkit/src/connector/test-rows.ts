import type { NamedColumn, Schema } from "@mlforge/spec";

/** A row of the table that the suite reads, in values that lose nothing. */
export interface TestRow {
  readonly place: bigint;
  readonly text: string | null;
  /** A decimal with 4 decimal places, as a string. */
  readonly amount: string | null;
  /** Microseconds since the Unix epoch. */
  readonly timestamp: bigint | null;
  readonly flag: boolean | null;
  readonly number: number | null;
  /** Days since the Unix epoch. */
  readonly day: number | null;
  readonly raw: Uint8Array | null;
}

function column(name: string, rest: Omit<NamedColumn, "name" | "nullable">): NamedColumn {
  return { name, nullable: true, ...rest };
}

/** The mlforge columns of a {@link TestRow}. */
export const testColumns: Schema = [
  column("place", { kind: "int64" }),
  column("text", { kind: "string" }),
  column("amount", { kind: "decimal", precision: 18, scale: 4 }),
  column("timestamp", { kind: "timestamp" }),
  column("flag", { kind: "boolean" }),
  column("number", { kind: "float64" }),
  column("day", { kind: "date" }),
  column("raw", { kind: "bytes" }),
];

const texts = ["", " ", " a ", '"', "\\N", "\\.", "NULL", "null", "a,b", "two\nlines", "\r\n", "\t", "#", "'", "ü🦔", "0042", "1e3", "NaN"];
const amounts = ["0.0000", "-0.0001", "99999999999999.9999", "-99999999999999.9999", "1.5000", "0.1000"];
const numbers = [0.1, -0.5, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 123456789.12345678];
const timestamps = [0n, -1n, 1n, 1_704_067_199_999_999n, -62_135_596_800_000_000n, 253_402_300_799_999_999n];
const integers = [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

/** Rows that are hard to get right, and rows with only nulls. */
export const testRows: readonly TestRow[] = Array.from({ length: 40 }, (_, index) => ({
  place: integers[index] ?? BigInt(index),
  text: at(texts, index),
  amount: at(amounts, index),
  timestamp: at(timestamps, index),
  flag: at([true, false], index),
  number: at(numbers, index),
  day: at([0, -719_162, 2_932_896, 19_782], index),
  raw: at([new Uint8Array(), Uint8Array.of(0), Uint8Array.of(255, 10, 34, 44)], index),
}));

/** Cycles through the values, with null in every fifth row. */
function at<T>(values: readonly T[], index: number): T | null {
  return index % 5 === 4 ? null : (values[index % values.length] ?? null);
}
