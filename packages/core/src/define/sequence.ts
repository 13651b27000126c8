import { type Column, type Columns, findColumn, type Plan, type Schema, type SequenceOutput } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import type { Time } from "./relation-time.js";
import type { Simplify } from "./simplify.js";

/**
 * A column of a sequence: the number of the row among those of its key, from 1, or the value of a column in an earlier row. `offset` is how many rows
 * earlier. Defaults to 1.
 */
export type SequenceColumn<A extends string> = "rowNumber" | { readonly lag: A; readonly offset?: number | undefined };

/** How rows follow each other, and the columns to add. */
export interface SequenceOptions<C extends Columns, K extends string, S, M extends string> {
  /** The columns that identify the entity. Null counts as a value. */
  readonly keys: readonly K[];
  /** The column that says when a row became known. Defaults to the timestamp of the rows. */
  readonly timestamp?: M | undefined;
  /** The columns that order rows with the same keys and timestamp. Defaults to none. The build fails if two such rows are equal in all of them. */
  readonly thenBy?: readonly (keyof C & string)[] | undefined;
  /** The columns to add, by name. */
  readonly columns: S;
}

/** The columns of a sequence: those of its rows, and the added ones. Unknown if the timestamp is known only at run time. */
export type SequenceRows<C extends Columns, S, T extends Time> = string extends T | keyof C
  ? Columns
  : Simplify<
        C & {
          readonly [A in keyof S]: S[A] extends { readonly lag: infer B extends keyof C }
            ? Column<C[B]["kind"], true>
            : Column<"int64", T extends keyof C ? C[T]["nullable"] : true>;
        }
      > extends infer X extends Columns
    ? X
    : never;

/** The options as the caller passed them, unchecked. */
export interface SequenceGiven {
  readonly keys?: unknown;
  readonly timestamp?: unknown;
  readonly thenBy?: unknown;
  readonly columns?: unknown;
}

/** Returns the plan of a sequence. @throws DEFINITION_INVALID, COLUMN_UNKNOWN */
export function sequencePlan(
  input: Plan,
  schema: Schema,
  given: SequenceGiven,
  defaultTimestamp: string | undefined,
): { readonly plan: Plan; readonly keys: readonly string[]; readonly timestamp: string } {
  const keys = namesIn(given.keys, "keys");
  const thenBy = given.thenBy === undefined ? [] : namesIn(given.thenBy, "thenBy");
  const timestamp = given.timestamp ?? defaultTimestamp;
  if (typeof timestamp !== "string")
    throw definitionInvalid(
      "sequence",
      'sequence needs a timestamp; keep the timestamp of the source, or name the column: timestamp: "at"',
    );
  for (const name of [...keys, timestamp, ...thenBy]) findColumn(name, schema, "the rows given to sequence");
  const { columns } = given;
  const entries = typeof columns === "object" && columns !== null ? Object.entries(columns) : [];
  if (entries.length === 0) throw definitionInvalid("sequence", 'sequence needs columns to add: columns: { visit: "rowNumber" }');
  const outputs = entries.map(([name, value]) => outputOf(name, value, schema));
  return { plan: { op: "sequence", input, keys, timestamp, thenBy, outputs }, keys, timestamp };
}

function outputOf(name: string, given: unknown, schema: Schema): SequenceOutput {
  if (given === "rowNumber") return { name, function: "rowNumber" };
  const option = (key: string): unknown => (typeof given === "object" && given !== null ? Reflect.get(given, key) : undefined);
  if (given === "lead" || option("lead") !== undefined)
    throw definitionInvalid(
      "sequence",
      `"${name}" uses lead, which gives a row values of later rows; use lag, which gives the later row values of this one`,
    );
  const lag = option("lag");
  const offset = option("offset") ?? 1;
  if (typeof lag !== "string" || typeof offset !== "number")
    throw definitionInvalid("sequence", `"${name}" must be "rowNumber" or { lag: "amount", offset: 1 }, got ${JSON.stringify(given)}`);
  return { name, function: "lag", column: findColumn(lag, schema, "the rows given to sequence").name, offset };
}

function namesIn(given: unknown, option: string): readonly string[] {
  const names: readonly unknown[] = Array.isArray(given) ? given : [undefined];
  return names.map((name) => {
    if (typeof name === "string") return name;
    throw definitionInvalid("sequence", `sequence needs ${option} as an array of strings`);
  });
}
