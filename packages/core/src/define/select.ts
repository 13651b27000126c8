import { type Columns, findColumn, type Project, type Schema } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import type { Simplify } from "./simplify.js";

/** A column by its name, or new names with the columns they stand for. */
export type Selection<C extends Columns> = (keyof C & string) | Readonly<Record<string, keyof C & string>>;

/** The columns a selection gives. */
export type SelectedColumns<C extends Columns, S extends readonly Selection<C>[]> = Simplify<
  Pick<C, Extract<S[number], string>> & RenamedColumns<C, Exclude<S[number], string>>
>;

type RenamedColumns<C extends Columns, R> = {
  readonly [A in R extends unknown ? keyof R : never]: R extends { readonly [P in A]: infer Old extends keyof C } ? C[Old] : never;
};

/** @throws COLUMN_UNKNOWN, DEFINITION_INVALID */
export function selectedColumns(selections: readonly unknown[], schema: Schema): Project["columns"] {
  const names = selections.flatMap((selection): readonly (readonly [string, unknown])[] => {
    if (typeof selection === "string") return [[selection, selection]];
    if (typeof selection === "object" && selection !== null) return Object.entries(selection);
    throw definitionInvalid("select", `select takes names of columns, not ${String(selection)}`);
  });
  if (names.length === 0) throw definitionInvalid("select", "select needs at least one column");
  return names.map(([name, old]) => {
    if (typeof old !== "string") throw definitionInvalid("select", `select takes names of columns; use derive to compute "${name}"`);
    return { name, value: { expr: "column", name: findColumn(old, schema, "the rows given to select").name } };
  });
}
