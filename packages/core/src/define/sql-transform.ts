import type { Columns } from "@mlforge/spec";
import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import type { HasColumns } from "./has-columns.js";
import { isName } from "./name.js";
import { type AnySource, checkColumns, isSource } from "./source.js";
import { refuseEncodings } from "./time-encoding.js";
import { timelessReason } from "./times.js";

/** One SELECT in the engine's dialect, with the columns it gives. */
export interface SqlTransform<C extends Columns = Columns> extends HasColumns<C> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "sql">;
  readonly query: string;
  readonly columns: Columns;
  readonly inputs: Readonly<Record<string, AnySource>>;
  readonly timeless: string | undefined;
}

export interface SqlOptions<C extends Columns> {
  /** One SELECT. The feature's source is the table `source`; each of `inputs` is a table by its name. */
  readonly query: string;
  /** The columns the query gives, in order. A result with others fails the build. */
  readonly columns: C;
  /** Other sources, by the name the query calls them. */
  readonly inputs?: Readonly<Record<string, AnySource>> | undefined;
  /** Why no row takes in rows that became known later. mlforge cannot check a query; without a reason a build says so. */
  readonly timeless?: string | undefined;
}

/** The table name of the feature's own source in a query. */
export const sourceTable = "source";

/**
 * One SELECT in the engine's dialect, with the columns it gives.
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
export function sql({ query, columns, inputs = {}, timeless }: SqlOptions<Columns>): SqlTransform {
  const issues = new DefinitionIssues();
  if (typeof query !== "string" || query.trim() === "") issues.add("sql.query", "a query is needed");
  checkColumns(columns, "sql.columns", issues);
  refuseEncodings(columns, "sql.columns", issues);
  for (const [name, input] of Object.entries(inputs)) {
    if (name.toLowerCase() === sourceTable)
      issues.add(`sql.inputs.${name}`, `"${sourceTable}" is the feature's own source; choose another name`);
    else if (!isName(name)) issues.add(`sql.inputs.${name}`, "a table name has letters, digits and underscores, and no digit first");
    if (!isSource(input)) issues.add(`sql.inputs.${name}`, "an input is a source(...)");
  }
  issues.attempt("sql.timeless", () => timelessReason(timeless, "sql"));
  issues.check();
  return { [definitionSymbol]: "sql", query, columns, inputs, timeless };
}

export function isSqlTransform(candidate: unknown): candidate is SqlTransform {
  return isDefinition(candidate, "sql");
}
