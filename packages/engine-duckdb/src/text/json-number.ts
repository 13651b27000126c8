/** Kinds of JSON values, as bits that are combined over all values of a key. */
export const jsonKinds = {
  null: 1,
  boolean: 2,
  /** An integer of at most 15 digits, which a double holds exactly. */
  integer: 4,
  /** An integer with more digits that fits into 64 bits. */
  long: 8,
  /** An integer beyond 64 bits. */
  big: 16,
  /** A number that a double prints with the same digits. */
  float: 32,
  /** A number whose digits a double loses, or that no double holds. */
  inexact: 64,
  /** A number that is written differently than DuckDB writes it. */
  raw: 128,
  string: 256,
  nested: 512,
} as const;

const { integer, long, big, float, inexact, raw } = jsonKinds;

/** Returns the kind of a number from its text, including the numbers that Python's json writes in addition to JSON's. Returns 0 for anything else. */
export function numberKind(text: string): number {
  if (/^(NaN|-?Infinity)$/.test(text)) return float;
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return 0;
  if (/^-?\d{1,15}$/.test(text)) return text === "-0" ? float | raw : integer;
  if (/^-?\d+$/.test(text)) return BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? long : big;
  const value = Number(text);
  if (!Number.isFinite(value)) return inexact | raw;
  const shortest = String(value);
  // DuckDB writes small numbers with an exponent, and JavaScript does not.
  if ((shortest === text && !/e|^-?0\.000/.test(text)) || /^-?\d{1,15}\.0$/.test(text)) return float;
  return isSame(text, shortest) ? float | raw : inexact | raw;
}

/** Returns true if two decimal numbers are equal to the last digit. */
function isSame(a: string, b: string): boolean {
  const [one, other] = [digitsOf(a), digitsOf(b)];
  return one.digits === other.digits && (one.digits === "" || one.exponent === other.exponent);
}

/** Splits a number into `0.digits` times ten to the power of `exponent`, without the sign and without zeros at either end. */
function digitsOf(text: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "", power = "0"] = text.replace(/^[+-]/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = whole + fraction;
  const first = all.search(/[1-9]/);
  if (first === -1) return { digits: "", exponent: 0 };
  return { digits: all.slice(first).replace(/0+$/, ""), exponent: whole.length - first + Number(power) };
}
