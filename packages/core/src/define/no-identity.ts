import type { ColumnKind } from "@mlforge/spec";

const reasons: Readonly<Partial<Record<ColumnKind, string>>> = {
  float32: "equal values may differ in their last bits; round or cast it first",
  float64: "equal values may differ in their last bits; round or cast it first",
  list: "equal lists can be written in many ways; use a column of a scalar kind",
  vector: "equal floats may differ in their last bits; use a column of a scalar kind",
  struct: "equal structs can be written in many ways; use its fields as columns of their own",
  json: "equal JSON can be written in many ways; use a column of a scalar kind",
  time: "surrogate keys do not support it; cast it to string first",
};

/** Says why a column of a kind cannot be a key and how to fix it. Undefined if it can. */
export function noIdentity(kind: ColumnKind): string | undefined {
  return reasons[kind];
}
