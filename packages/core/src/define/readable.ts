import type { Columns } from "@mlforge/spec";
import type { definitionSymbol } from "./definition-kind.js";
import type { Time } from "./relation-time.js";

declare const rowsOf: unique symbol;

/** A definition whose rows features can read: a source, or another feature. `C` are its columns, and `T` is the one that says when a row became known. */
export interface Readable<C extends Columns, T extends Time> {
  readonly [definitionSymbol]: "source" | "feature";
  readonly name: string;
  /** Exists only in the type. An object, so that TypeScript infers nothing from a call whose own types it is still inferring. */
  readonly [rowsOf]?: { readonly columns: C; readonly timestamp: T };
}
