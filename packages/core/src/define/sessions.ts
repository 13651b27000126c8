import { type Column, type Columns, column, findColumn, type Plan, type Schema } from "@mlforge/spec";
import { aggregatesOf, type NamedAggregate } from "./aggregates-of.js";
import { definitionInvalid } from "./definition-issues.js";
import { type Duration, parseDuration } from "./duration.js";
import type { ColumnFrom, RowExprs } from "./expr.js";
import { freshName } from "./fresh-name.js";
import type { Time } from "./relation-time.js";
import type { Simplify } from "./simplify.js";

/** Options of `sessions`. */
export interface SessionOptions<C extends Columns, K extends string, R, M extends string> {
  /** The columns that identify the entity. Null counts as a value. */
  readonly keys: readonly K[];
  /** The longest pause between two rows of one session. A row exactly this long after the one before it still belongs to the session. */
  readonly gap: Duration;
  /** Returns the aggregates over the rows of a session, and expressions over these aggregates. */
  readonly aggregate: (row: RowExprs<C>) => R;
  /** The column that says when a row became known. Defaults to the timestamp of the rows. */
  readonly timestamp?: M | undefined;
}

/** The columns of the result. Unknown if the timestamp is known only at run time. */
export type SessionRows<C extends Columns, K, R, T extends Time> = string extends T
  ? Columns
  : Simplify<
        { readonly [A in keyof C as A extends K ? A : never]: C[A] } & {
          readonly [A in T & string]: Column<"timestamp", A extends keyof C ? C[A]["nullable"] : true>;
        } & { readonly [A in keyof R]: ColumnFrom<R[A]> }
      > extends infer X extends Columns
    ? X
    : never;

/** The options as the caller passed them, unchecked. */
export interface SessionsGiven {
  readonly keys?: unknown;
  readonly gap?: unknown;
  readonly timestamp?: unknown;
}

/** Returns a plan with one row for each session. Its timestamp is when the session is known to have ended. @throws DEFINITION_INVALID, COLUMN_UNKNOWN */
export function sessionsPlan(
  input: Plan,
  schema: Schema,
  given: SessionsGiven,
  defaultTimestamp: string | undefined,
  values: readonly NamedAggregate[],
): { readonly plan: Plan; readonly keys: readonly string[]; readonly timestamp: string } {
  const keys = namesIn(given.keys);
  const timestamp = given.timestamp ?? defaultTimestamp;
  if (typeof timestamp !== "string")
    throw definitionInvalid(
      "sessions",
      'sessions needs a timestamp; keep the timestamp of the source, or name the column: timestamp: "at"',
    );
  for (const name of [...keys, timestamp]) findColumn(name, schema, "the rows given to sessions");
  if (given.gap === undefined) throw definitionInvalid("sessions", 'sessions needs a gap, the longest pause in a session: gap: "30m"');
  const names = values.map(({ name }) => name);
  const taken = [...keys, timestamp].find((name) => names.includes(name));
  if (taken !== undefined)
    throw definitionInvalid("sessions", `sessions gives two columns named "${taken}"; choose another name for the aggregate`);
  // The timestamp column must keep its name in this plan, because the aggregates can read it.
  const end = freshName([...schema.map(({ name }) => name), ...names], "session");
  const sessions: Plan = { op: "sessions", input, keys, timestamp, gap: String(parseDuration(given.gap)), column: end };
  const { aggregates, computed } = aggregatesOf([...keys, end], values);
  const groups: Plan = { op: "aggregate", input: sessions, keys: [...keys, end], aggregates };
  const same = (each: readonly string[]) => each.map((name) => ({ name, value: column(name) }));
  const columns = [...same(keys), { name: timestamp, value: column(end) }, ...same(names)];
  const rows: Plan = computed === undefined ? groups : { op: "project", input: groups, columns: computed };
  return { plan: { op: "project", input: rows, columns }, keys, timestamp };
}

function namesIn(given: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(given) ? given : [undefined];
  return names.map((name) => {
    if (typeof name === "string") return name;
    throw definitionInvalid("sessions", "sessions needs keys as an array of strings");
  });
}
