import type { ColumnKind, Expression, ScalarKind } from "@mlforge/spec";
import { literal } from "../plans.js";

export const int32 = (text: string): Expression => literal("int32", text);
export const int64 = (text: string): Expression => literal("int64", text);
export const float32 = (text: string): Expression => literal("float32", text);
export const float64 = (text: string): Expression => literal("float64", text);
export const decimal = (text: string): Expression => literal("decimal", text);
export const string = (text: string): Expression => literal("string", text);
export const boolean = (text: string): Expression => literal("boolean", text);
export const timestamp = (text: string): Expression => literal("timestamp", text);
export const date = (text: string): Expression => literal("date", text);
export const bytes = (text: string): Expression => literal("bytes", text);
export const none = (kind: ScalarKind): Expression => literal(kind, null);

/** Returns the microseconds of a time in ISO 8601. */
export const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;

/** Returns the kinds of the constants among expressions. */
export function kindsIn(expressions: readonly Expression[]): readonly ColumnKind[] {
  return expressions.flatMap((each) => (each.expr === "literal" ? [each.kind] : []));
}
