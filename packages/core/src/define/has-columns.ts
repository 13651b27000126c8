import type { Columns } from "@mlforge/spec";

declare const columnsOf: unique symbol;

/** Something whose rows have the columns `C`. The property exists only in the type. */
export interface HasColumns<C extends Columns> {
  readonly [columnsOf]?: C;
}
