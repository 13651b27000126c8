import type { Literal } from "@mlforge/spec";

/** Returns true if a literal is greater than another of its kind. NaN is greater than every number; strings are compared by their UTF-8 bytes. */
export function isGreaterConstant({ kind, value: a }: Literal, { value: b }: Literal): boolean {
  if (a === null || b === null) return false;
  switch (kind) {
    case "float32":
    case "float64":
      return Number.isNaN(Number(a)) ? !Number.isNaN(Number(b)) : Number(a) > Number(b);
    case "int32":
    case "int64":
    case "decimal":
      return unscaled(a) > unscaled(b);
    case "bytes":
      return Buffer.compare(Buffer.from(a, "base64"), Buffer.from(b, "base64")) > 0;
    default:
      return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
  }
}

/** Returns a decimal as an integer, in units of its 38th decimal place. */
function unscaled(digits: string): bigint {
  const [whole = "", fraction = ""] = digits.split(".");
  return BigInt(whole + fraction.padEnd(38, "0"));
}
