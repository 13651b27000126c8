import type { Columns } from "@mlforge/spec";
import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import type { HasColumns } from "./has-columns.js";
import { isName } from "./name.js";
import { type AnySource, checkColumns, isSource } from "./source.js";
import { refuseEncodings } from "./time-encoding.js";
import { timelessReason } from "./times.js";

/** One SELECT in the dialect of the engine, with the columns it returns. */
export interface SqlTransform<C extends Columns = Columns> extends HasColumns<C> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "sql">;
  readonly query: string;
  readonly columns: Columns;
  readonly inputs: Readonly<Record<string, AnySource>>;
  readonly timeless: string | undefined;
  readonly volatile: boolean;
}

export interface SqlOptions<C extends Columns> {
  /** One SELECT. The source of the feature is the table `source`; each of `inputs` is a table with its name. Engines refuse a query that reads anything else. */
  readonly query: string;
  /** The columns that the query returns, in order. A result with other columns fails the build. */
  readonly columns: C;
  /** Other sources, by the table names that the query uses. */
  readonly inputs?: Readonly<Record<string, AnySource>> | undefined;
  /** Why no row uses rows that became known later. mlforge cannot check a query, so without a reason the build shows a notice. */
  readonly timeless?: string | undefined;
  /**
   * True if the query calls functions whose results differ from build to build, such as `now` and `random`. The version records it. Defaults to false:
   * engines refuse such a query. Without other changes, only `build({ force: true })` computes it again.
   */
  readonly volatile?: boolean | undefined;
}

/** The table name of the source of the feature in a query. */
export const sourceTable = "source";

/**
 * Transforms a source with one SELECT in the dialect of the engine.
 *
 * @throws DEFINITION_INVALID
 *
 * @example
 * sql({
 *   query: "SELECT origin, max(delay) AS longest FROM source GROUP BY origin",
 *   columns: { origin: t.string(), longest: t.int64() },
 * });
 */
export function sql<const C extends Columns>(options: SqlOptions<C>): SqlTransform<C>;
export function sql({ query, columns, inputs = {}, timeless, volatile = false }: SqlOptions<Columns>): SqlTransform {
  const issues = new DefinitionIssues();
  if (typeof query !== "string" || query.trim() === "") issues.add("sql.query", "expected a query");
  checkColumns(columns, "sql.columns", issues);
  refuseEncodings(columns, "sql.columns", issues);
  for (const [name, input] of Object.entries(inputs)) {
    if (name.toLowerCase() === sourceTable)
      issues.add(`sql.inputs.${name}`, `"${sourceTable}" is the table of the feature's source; choose another name`);
    else if (!isName(name))
      issues.add(`sql.inputs.${name}`, "a table name must have only letters, digits, and underscores, and must not start with a digit");
    if (!isSource(input)) issues.add(`sql.inputs.${name}`, "expected a source(...)");
  }
  issues.collect("sql.timeless", () => timelessReason(timeless, "sql"));
  if (typeof volatile !== "boolean") issues.add("sql.volatile", "expected true or false");
  issues.check();
  return { [definitionSymbol]: "sql", query, columns, inputs, timeless, volatile };
}

export function isSqlTransform(candidate: unknown): candidate is SqlTransform {
  return isDefinition(candidate, "sql");
}
