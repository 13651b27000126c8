import { type Columns, column, findColumn, type Project, type Schema } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import type { Simplify } from "./simplify.js";

/** A column name, or an object from new names to column names. */
type Selection<C extends Columns> = (keyof C & string) | Readonly<Record<string, keyof C & string>>;

/** The columns that a selection returns. */
export type SelectedColumns<C extends Columns, S extends readonly Selection<C>[]> = Simplify<
  Pick<C, Extract<S[number], string>> & RenamedColumns<C, Exclude<S[number], string>>
>;

type RenamedColumns<C extends Columns, R> = {
  readonly [A in R extends unknown ? keyof R : never]: R extends { readonly [P in A]: infer Old extends keyof C } ? C[Old] : never;
};

/** Returns the columns of a selection. @throws COLUMN_UNKNOWN, DEFINITION_INVALID */
export function selectedColumns(selections: readonly unknown[], schema: Schema): Project["columns"] {
  const names = selections.flatMap((selection): readonly (readonly [string, unknown])[] => {
    if (typeof selection === "string") return [[selection, selection]];
    if (typeof selection === "object" && selection !== null) return Object.entries(selection);
    throw definitionInvalid("select", `select needs column names, got ${String(selection)}`);
  });
  if (names.length === 0) throw definitionInvalid("select", "select needs at least one column");
  return names.map(([name, old]) => {
    if (typeof old !== "string") throw definitionInvalid("select", `select needs column names; use derive to compute "${name}"`);
    return { name, value: column(findColumn(old, schema, "the rows given to select").name) };
  });
}
