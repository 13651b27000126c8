import { definitionInvalid } from "./definition-issues.js";

/** The digits of a decimal: in all 1 to 38, and after the point 0 to all of them. @throws DEFINITION_INVALID */
export function checkDigits(precision: unknown, scale: unknown): { readonly precision: number; readonly scale: number } {
  if (typeof precision !== "number" || !Number.isInteger(precision) || precision < 1 || precision > 38) {
    throw definitionInvalid("decimal", `a decimal has 1 to 38 digits, not ${String(precision)}; write decimal(18, 4)`);
  }
  if (typeof scale !== "number" || !Number.isInteger(scale) || scale < 0 || scale > precision) {
    throw definitionInvalid("decimal", `of ${precision} digits, ${String(scale)} cannot stand after the point; write decimal(18, 4)`);
  }
  return { precision, scale };
}
