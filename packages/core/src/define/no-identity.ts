import type { ColumnKind } from "@mlforge/spec";

const reasons: Readonly<Partial<Record<ColumnKind, string>>> = {
  float32: "floats are no identities, round or cast it first",
  float64: "floats are no identities, round or cast it first",
  list: "equal lists can be written in many ways; use a column of a scalar kind",
  vector: "equal values of floats may differ in their last bits; use a column of a scalar kind",
  struct: "equal structs can be written in many ways; use its fields as columns of their own",
  json: "equal JSON can be written in many ways; use a column of a scalar kind",
  time: "it has no place in the definition of surrogate keys; cast it to string first",
};

/** Why a column of a kind cannot be an identity, and what to do; undefined where it can. */
export function noIdentity(kind: ColumnKind): string | undefined {
  return reasons[kind];
}
