import { type Aggregate, type Columns, type Expression, findColumn, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import type { AnyEntity } from "./entity.js";
import type { Untyped } from "./expr.js";
import { joinPairs } from "./join.js";
import { withJoinKeys } from "./join-keys.js";
import type { Relation } from "./relation.js";
import { rowOf } from "./row.js";
import { declaredColumns, scanOf } from "./scan-of.js";
import { selectedColumns } from "./select.js";
import { type AnySource, isSource, type Source } from "./source.js";
import { aggregateSymbol, isAggregated, isTyped, valueSymbol } from "./typed.js";

/** Gives the columns of a source that declares none: those its files were found to have. */
export type ColumnsOf = (source: AnySource) => Schema;

/** Where a relation keeps its plan. Registered, so that two installed copies of this package know each other's. */
const relationSymbol: unique symbol = Symbol.for("mlforge.relation.v1");

interface RelationContent {
  readonly plan: Plan;
  readonly schema: Schema;
  readonly sources: readonly AnySource[];
}

/** The rows of a source as a relation, with the join keys of `entities` that are made of its columns. */
export function relationOf<C extends Columns>(
  source: Source<C, string | undefined>,
  columnsOf: ColumnsOf,
  entities: readonly AnyEntity[] = [],
): Relation<C> {
  const plan = withJoinKeys(scanOf(source, columnsIn(source, columnsOf)), source.name, entities);
  // The builder checks at run time what `Relation` checks in the types; their methods differ only in that.
  return new RelationBuilder(plan, [source], columnsOf) as unknown as Relation<C>;
}

/** The columns of a source: the declared ones, else those `columnsOf` gives. */
export function columnsIn(source: AnySource, columnsOf: ColumnsOf): Schema {
  return declaredColumns(source) ?? columnsOf(source);
}

/** What a relation stands for; undefined if this is no relation. */
export function contentOf(candidate: unknown): RelationContent | undefined {
  return isRelation(candidate) ? candidate[relationSymbol] : undefined;
}

function isRelation(candidate: unknown): candidate is { readonly [relationSymbol]: RelationContent } {
  return typeof candidate === "object" && candidate !== null && relationSymbol in candidate;
}

class RelationBuilder {
  readonly [relationSymbol]: RelationContent;
  readonly #columnsOf: ColumnsOf;

  constructor(plan: Plan, sources: readonly AnySource[], columnsOf: ColumnsOf) {
    this[relationSymbol] = { plan, sources, schema: schemaOf(plan) };
    this.#columnsOf = columnsOf;
  }

  filter(condition: (row: Untyped) => unknown): RelationBuilder {
    const value: unknown = condition(rowOf(this.#schema, "filter"));
    return this.#with({ op: "filter", input: this.#plan, condition: this.#expression(value, "filter", "its condition") });
  }

  derive(columns: (row: Untyped) => unknown): RelationBuilder {
    const added = new Map(
      namedValues(columns(rowOf(this.#schema, "derive")), "derive").map(([name, value]) => [
        name,
        this.#expression(value, "derive", `"${name}"`),
      ]),
    );
    const kept = this.#schema.map(({ name }): readonly [string, Expression] => [name, added.get(name) ?? { expr: "column", name }]);
    const all = new Map([...kept, ...added]);
    return this.#with({ op: "project", input: this.#plan, columns: [...all].map(([name, value]) => ({ name, value })) });
  }

  select(...selections: readonly unknown[]): RelationBuilder {
    return this.#with({ op: "project", input: this.#plan, columns: selectedColumns(selections, this.#schema) });
  }

  groupBy(...keys: readonly string[]): { aggregate(columns: (row: Untyped) => unknown): RelationBuilder } {
    if (keys.length === 0) throw definitionInvalid("groupBy", "groupBy needs at least one column");
    for (const key of keys) findColumn(key, this.#schema, "the rows given to groupBy");
    return { aggregate: (columns) => this.#aggregate(keys, columns) };
  }

  join(other: unknown, options?: { readonly on?: unknown; readonly type?: unknown }): RelationBuilder {
    const { on, type = "inner" } = options ?? {};
    const right = contentOf(isSource(other) ? relationOf(other, this.#columnsOf) : other);
    if (right === undefined) throw definitionInvalid("join", "join takes a source or a relation");
    if (type !== "inner" && type !== "left")
      throw definitionInvalid("join", `the type of a join is "inner" or "left", not ${JSON.stringify(type)}`);
    const plan: Plan = { op: "join", left: this.#plan, right: right.plan, on: joinPairs(on), type };
    return this.#with(plan, right.sources);
  }

  distinct(): RelationBuilder {
    return this.#with({ op: "distinct", input: this.#plan });
  }

  #aggregate(keys: readonly string[], columns: (row: Untyped) => unknown): RelationBuilder {
    const aggregates = namedValues(columns(rowOf(this.#schema, "aggregate")), "aggregate").map(([name, value]) => ({
      name,
      value: this.#aggregated(value, name),
    }));
    return this.#with({ op: "aggregate", input: this.#plan, keys: [...keys], aggregates });
  }

  #expression(value: unknown, method: string, what: string): Expression {
    if (!isTyped(value)) {
      const hint = isAggregated(value)
        ? "an aggregate; use it in groupBy(...).aggregate(...)"
        : "no expression; wrap a constant in literal()";
      throw definitionInvalid(method, `${method} is given as ${what} ${hint}`);
    }
    const { expression, rows } = value[valueSymbol];
    this.#checkRows(rows, method, what);
    return expression;
  }

  #aggregated(value: unknown, name: string): Aggregate {
    if (!isAggregated(value)) {
      const hint = isTyped(value)
        ? "an expression; say how to aggregate it, such as .sum() or .max()"
        : "no aggregate; use one, such as count()";
      throw definitionInvalid("aggregate", `aggregate is given as "${name}" ${hint}`);
    }
    const { aggregate, rows } = value[aggregateSymbol];
    this.#checkRows(rows, "aggregate", `"${name}"`);
    return aggregate;
  }

  #checkRows(rows: Schema | undefined, method: string, what: string): void {
    if (rows === undefined || rows === this.#schema) return;
    throw definitionInvalid(method, `${method} is given as ${what} an expression over other rows; use the columns of its own row`);
  }

  #with(plan: Plan, sources: readonly AnySource[] = []): RelationBuilder {
    const known = this[relationSymbol].sources;
    return new RelationBuilder(plan, [...new Set([...known, ...sources])], this.#columnsOf);
  }

  get #plan(): Plan {
    return this[relationSymbol].plan;
  }

  get #schema(): Schema {
    return this[relationSymbol].schema;
  }
}

function namedValues(record: unknown, method: string): readonly (readonly [string, unknown])[] {
  if (typeof record !== "object" || record === null || isTyped(record) || isAggregated(record)) {
    throw definitionInvalid(method, `${method} needs an object of columns by name: ${method}((row) => ({ name: ... }))`);
  }
  const entries = Object.entries(record);
  if (entries.length === 0) throw definitionInvalid(method, `${method} needs at least one column`);
  return entries;
}
