import type { AggregateFunction, ColumnKind, EngineCapabilities, Plan, RollingFunction, ScalarFunction, WriteTarget } from "@mlforge/spec";

/** The functions of expressions, and the expressions that are not functions. */
export type ExpressionFunction = ScalarFunction | "case" | "cast";

/** The capabilities that a law needs, besides `values` and the kinds string and int64. */
export interface Needs {
  readonly operations?: readonly Plan["op"][];
  readonly functions?: readonly ExpressionFunction[];
  readonly aggregates?: readonly AggregateFunction[];
  readonly rolling?: readonly RollingFunction[];
  readonly kinds?: readonly ColumnKind[];
  /** True if rows must be in files that the engine reads. */
  readonly files?: boolean;
  /** The format to write to a URL with the scheme `file`. */
  readonly writes?: WriteTarget["format"];
}

/** Answers whether an engine claims everything that a law needs. */
export type Claims = (needs: Needs) => boolean;

/** Returns the claims of an engine. @param hasFiles True if the suite can put rows into files that the engine reads. */
export function claimsOf(capabilities: EngineCapabilities, hasFiles: boolean): Claims {
  const { writes, operations, functions, aggregates, rolling, kinds, formats } = capabilities;
  return (needs) =>
    includesAll(operations, needs.operations) &&
    includesAll(functions, needs.functions) &&
    includesAll(aggregates, needs.aggregates) &&
    includesAll(rolling, needs.rolling) &&
    includesAll(kinds, needs.kinds) &&
    (needs.files !== true || hasFiles) &&
    (needs.writes === undefined || (writes.includes("file") && includesAll(formats, [needs.writes])));
}

/** Capabilities that are not declared are all claimed. */
function includesAll<T>(claimed: readonly T[] | undefined, needed: readonly T[] = []): boolean {
  return claimed === undefined || needed.every((each) => claimed.includes(each));
}
