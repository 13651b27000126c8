import { type Column, type Columns, isSameType, type Plan, type Schema, typeText } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import type { Time } from "./relation-time.js";
import type { Simplify } from "./simplify.js";
import type { Times } from "./times.js";
import type { Listed, MlforgeTypeError, Quoted } from "./type-error.js";

/** The columns of a union. A column is nullable if it is on one of the sides. */
export type UnionColumns<C extends Columns, D extends Columns> = string extends keyof C | keyof D
  ? C
  : Simplify<{
      readonly [A in keyof C]: A extends keyof D
        ? Column<C[A]["kind"], true extends C[A]["nullable"] | D[A]["nullable"] ? true : false>
        : C[A];
    }>;

/** The timestamp of a union: that of both sides. Rows without a source that has one do not change it. */
export type TimeOfUnion<T extends Time, U extends Time> = [T] extends [U] ? ([U] extends [T] ? T : Time) : Time;

/** Checks that both sides have the same columns, of the same kinds, and the same timestamp. */
export type CheckedUnion<C extends Columns, T extends Time, D extends Columns, U extends Time> = string extends keyof C | keyof D
  ? unknown
  : [Exclude<keyof C, keyof D>] extends [never]
    ? [Exclude<keyof D, keyof C>] extends [never]
      ? [UnlikeNames<C, D>] extends [never]
        ? CheckedTime<T, U>
        : MlforgeTypeError<UnlikeKinds<C, D>>
      : MlforgeTypeError<`only the other side has the column ${Listed<Exclude<keyof D, keyof C>>}; select the columns that both sides have`>
    : MlforgeTypeError<`the other side has no column ${Listed<Exclude<keyof C, keyof D>>}; derive it, or select the columns that both sides have`>;

type UnlikeNames<C extends Columns, D extends Columns> = {
  readonly [A in keyof C & keyof D]: [C[A]["kind"]] extends [D[A]["kind"]] ? never : [D[A]["kind"]] extends [C[A]["kind"]] ? never : A;
}[keyof C & keyof D];

type UnlikeKinds<C extends Columns, D extends Columns> = {
  readonly [A in UnlikeNames<C, D>]: `the column ${Quoted<A>} is ${C[A]["kind"]}, but ${D[A]["kind"]} on the other side; cast one of them`;
}[UnlikeNames<C, D>];

type CheckedTime<T extends Time, U extends Time> = string extends T | U
  ? unknown
  : T extends string
    ? U extends string
      ? [T] extends [U]
        ? unknown
        : MlforgeTypeError<`the timestamp is ${Quoted<T>}, but ${Quoted<U>} on the other side; give both the same name with select`>
      : unknown
    : unknown;

/** One side of a union. */
interface Side {
  readonly plan: Plan;
  readonly schema: Schema;
}

/** Builds the plan of a union, with the columns of `left` in their order. @throws DEFINITION_INVALID */
export function unionPlan(left: Side, right: Side): Plan {
  const columns = left.schema.map(({ name }) => name);
  const missing = columns.filter((name) => right.schema.every((column) => column.name !== name));
  if (missing.length > 0)
    throw definitionInvalid(
      "union",
      `union needs the same columns on both sides, but the other side has no column ${quoted(missing)}; derive it, or select the columns that both sides have`,
    );
  const surplus = right.schema.filter(({ name }) => !columns.includes(name)).map(({ name }) => name);
  if (surplus.length > 0)
    throw definitionInvalid(
      "union",
      `union needs the same columns on both sides, but only the other side has the column ${quoted(surplus)}; select the columns that both sides have`,
    );
  for (const column of left.schema) {
    const other = right.schema.find(({ name }) => name === column.name);
    if (other !== undefined && !isSameType(column, other))
      throw definitionInvalid(
        "union",
        `union cannot combine the column "${column.name}": it is ${typeText(column)}, but ${typeText(other)} on the other side; cast one of them`,
      );
  }
  const inputs = left.plan.op === "union" ? left.plan.inputs : [left.plan];
  return { op: "union", inputs: [...inputs, right.plan], columns };
}

/**
 * Returns the times of the rows of both sides. Each row is of one side, so the times of the sources of the other side do not matter to it.
 *
 * @throws DEFINITION_INVALID if the rows of one side became known at another column than those of the other
 */
export function timesOfUnion(left: Times, right: Times): Times {
  const isTimed = ({ timestamp, sourceTimes }: Times): boolean => timestamp !== undefined || sourceTimes.length > 0;
  if (isTimed(left) && isTimed(right) && left.timestamp !== right.timestamp)
    throw definitionInvalid(
      "union",
      `union needs the same timestamp on both sides: it is ${timeText(left)}, but ${timeText(right)} on the other side; give both the same name with select({ at: "since" }), or declare one in each source`,
    );
  return {
    timestamp: left.timestamp ?? right.timestamp,
    sourceTimes: [...left.sourceTimes, ...right.sourceTimes],
    timeless: [...left.timeless, ...right.timeless],
  };
}

function timeText({ timestamp }: Times): string {
  return timestamp === undefined ? "none" : `"${timestamp}"`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
