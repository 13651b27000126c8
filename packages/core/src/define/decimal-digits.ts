import { definitionInvalid } from "./definition-issues.js";

/** Checks the digits of a decimal: `precision` is 1 to 38, and `scale` is 0 to `precision`. @throws DEFINITION_INVALID */
export function checkDigits(precision: unknown, scale: unknown): { readonly precision: number; readonly scale: number } {
  if (typeof precision !== "number" || !Number.isInteger(precision) || precision < 1 || precision > 38) {
    throw definitionInvalid(
      "decimal",
      `the precision of a decimal must be 1 to 38, got ${String(precision)}; write for example decimal(18, 4)`,
    );
  }
  if (typeof scale !== "number" || !Number.isInteger(scale) || scale < 0 || scale > precision) {
    throw definitionInvalid(
      "decimal",
      `the scale of a decimal must be 0 to its precision (${precision}), got ${String(scale)}; write for example decimal(18, 4)`,
    );
  }
  return { precision, scale };
}
