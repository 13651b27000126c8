import {
  type Columns,
  column,
  type Expression,
  findColumn,
  type Join,
  type Plan,
  type Project,
  type Schema,
  schemaOf,
} from "@mlforge/spec";
import { aggregatesOf, type NamedAggregate } from "./aggregates-of.js";
import { asOfPlan } from "./as-of-join.js";
import { definitionInvalid } from "./definition-issues.js";
import type { AnyEntity } from "./entity.js";
import type { Untyped } from "./expr.js";
import { sourceGiven } from "./feature-source.js";
import { joinPairs } from "./join.js";
import { withJoinKeys } from "./join-keys.js";
import { type PivotGiven, pivoted } from "./pivot.js";
import { fromPlain } from "./plain-constant.js";
import type { Readable } from "./readable.js";
import type { Relation } from "./relation.js";
import type { Time } from "./relation-time.js";
import { type RollingGiven, rollingPlan } from "./rolling-plan.js";
import { rowOf } from "./row.js";
import { declaredColumns, scanOf } from "./scan-of.js";
import { selectedColumns } from "./select.js";
import { type SequenceGiven, sequencePlan } from "./sequence.js";
import { type SessionsGiven, sessionsPlan } from "./sessions.js";
import type { AnySource } from "./source.js";
import type { Step } from "./source-times.js";
import {
  type Times,
  timelessReason,
  timesOfAsOfJoin,
  timesOfGroups,
  timesOfJoin,
  timesOfProject,
  timesOfRolling,
  timesOfSource,
} from "./times.js";
import { type Aggregated, aggregateSymbol, isAggregated, isTyped, valueSymbol } from "./typed.js";
import { timesOfUnion, unionPlan } from "./union.js";
import { isUnknownRelation, sourcesOfUnknown, unknownRelation } from "./unknown-relation.js";

/** Returns the columns found in the files of a source that declares none. Undefined if nobody has read them yet. */
export type ColumnsOf = (source: AnySource) => Schema | undefined;

/** The property that holds the plan of a relation. Registered, so that two installed copies of this package recognize each other's relations. */
const relationSymbol: unique symbol = Symbol.for("mlforge.relation.v1");

interface RelationContent {
  readonly plan: Plan;
  readonly schema: Schema;
  readonly sources: readonly AnySource[];
  readonly times: Times;
}

/**
 * Creates a relation from the rows of a source, with the derived join keys of `entities`. If the columns of the source are not known yet, the relation
 * is a stand-in for any.
 */
export function relationOf<C extends Columns, T extends Time>(
  given: Readable<C, T>,
  columnsOf: ColumnsOf,
  entities: readonly AnyEntity[] = [],
): Relation<C, T> {
  const source = sourceGiven(given);
  if (source === undefined) throw definitionInvalid("from", "from needs a source or a feature");
  const columns = columnsRead(source, columnsOf);
  // The builder checks at run time what `Relation` checks in the types. Otherwise their methods are the same.
  if (columns === undefined) return unknownRows(columnsOf) as Relation<C, T>;
  const plan = withJoinKeys(scanOf(source, columns), source.name, entities);
  return new RelationBuilder(plan, [source], timesOfSource(source, schemaOf(plan)), columnsOf) as unknown as Relation<C, T>;
}

/** Returns a stand-in for rows. It still asks for the columns of the sources and features that are joined to it. */
function unknownRows(columnsOf: ColumnsOf): object {
  return unknownRelation([], asking(columnsOf));
}

function asking(columnsOf: ColumnsOf): (argument: unknown) => void {
  return (argument) => {
    const source = sourceGiven(argument);
    if (source !== undefined) columnsRead(source, columnsOf);
  };
}

/** Returns the columns of a source: the declared ones, otherwise those from `columnsOf`. */
export function columnsRead(source: AnySource, columnsOf: ColumnsOf): Schema | undefined {
  return declaredColumns(source) ?? columnsOf(source);
}

/** Returns the content of a relation. Undefined if this is not a relation. */
export function contentOf(candidate: unknown): RelationContent | undefined {
  return isRelation(candidate) ? candidate[relationSymbol] : undefined;
}

function isRelation(candidate: unknown): candidate is { readonly [relationSymbol]: RelationContent } {
  return typeof candidate === "object" && candidate !== null && relationSymbol in candidate;
}

/** An option as the caller passed it, unchecked. */
interface TimelessGiven {
  readonly timeless?: unknown;
}

interface AggregateGiven {
  readonly aggregate?: unknown;
}

interface GroupedBuilder {
  aggregate(columns: (row: Untyped) => unknown, options?: TimelessGiven): RelationBuilder;
  pivot(given: PivotGiven, options?: TimelessGiven): RelationBuilder;
}

class RelationBuilder {
  readonly [relationSymbol]: RelationContent;
  readonly #columnsOf: ColumnsOf;

  constructor(plan: Plan, sources: readonly AnySource[], times: Times, columnsOf: ColumnsOf) {
    this[relationSymbol] = { plan, sources, times, schema: schemaOf(plan) };
    this.#columnsOf = columnsOf;
  }

  filter(condition: (row: Untyped) => unknown): RelationBuilder {
    const value: unknown = condition(rowOf(this.#schema, "filter"));
    return this.#with({ op: "filter", input: this.#plan, condition: this.#expression(value, "filter", "its condition") });
  }

  derive(columns: (row: Untyped) => unknown): RelationBuilder {
    const given = columns(rowOf(this.#schema, "derive"));
    return this.#derive(this.#computed(given, "derive", fromPlain));
  }

  select(...selections: readonly unknown[]): RelationBuilder {
    const columns = selectedColumns(selections, this.#schema);
    return this.#project(columns, { kind: "select", text: `select of ${columns.map(({ name }) => name).join(", ")}` });
  }

  groupBy(...keys: readonly unknown[]): GroupedBuilder {
    if (keys.length === 0) throw definitionInvalid("groupBy", "groupBy needs at least one column");
    const computed = new Map<string, Expression>();
    const names = keys.flatMap((key) => {
      if (typeof key !== "function") return [String(key)];
      const columns = [...this.#computed(key(rowOf(this.#schema, "groupBy")), "groupBy")];
      for (const [name, value] of columns) computed.set(name, value);
      return columns.map(([name]) => name);
    });
    const taken = this.#schema.find(({ name }) => computed.has(name));
    // Otherwise the aggregates would read the key in place of the column.
    if (taken !== undefined)
      throw definitionInvalid("groupBy", `groupBy computes "${taken.name}", but the rows have a column of that name; choose another name`);
    const rows = computed.size === 0 ? this : this.#derive(computed);
    for (const key of names) findColumn(key, rows.#schema, "the rows given to groupBy");
    return {
      aggregate: (columns, options) => {
        const values = rows.#aggregatedIn(columns(rowOf(rows.#schema, "aggregate")), "aggregate");
        return rows.#aggregate(names, values, options);
      },
      pivot: (given, options) => {
        const all = pivoted(rows.#aggregatesGiven(given, "pivot"), given, rowOf(rows.#schema, "pivot"), rows.#schema);
        return rows.#aggregate(names, all, options);
      },
    };
  }

  rolling(options: RollingGiven & AggregateGiven): RelationBuilder {
    const values = this.#aggregatesGiven(options, "rolling");
    const { plan, keys, timestamp } = rollingPlan(this.#plan, this.#schema, options, this.#times.timestamp, values);
    const step: Step = { kind: "rolling", text: `rolling by ${keys.join(", ")}` };
    return this.#with(plan, timesOfRolling(this.#times, timestamp, step));
  }

  sequence(options: SequenceGiven): RelationBuilder {
    const { plan, keys, timestamp } = sequencePlan(this.#plan, this.#schema, { ...options }, this.#times.timestamp);
    const step: Step = { kind: "sequence", text: `sequence by ${keys.join(", ")}` };
    return this.#with(plan, timesOfRolling(this.#times, timestamp, step));
  }

  sessions(options: SessionsGiven & AggregateGiven): RelationBuilder {
    const values = this.#aggregatesGiven(options, "sessions");
    const { plan, keys, timestamp } = sessionsPlan(this.#plan, this.#schema, options, this.#times.timestamp, values);
    const step: Step = { kind: "sessions", text: `sessions by ${keys.join(", ")}` };
    return this.#with(plan, timesOfRolling(this.#times, timestamp, step));
  }

  join(other: unknown, options?: TimelessGiven & { readonly on?: unknown; readonly type?: unknown }): RelationBuilder {
    const { on, type = "inner", timeless } = options ?? {};
    const right = this.#other(other, "join");
    if (right === undefined) return this.#unknown(other);
    if (type !== "inner" && type !== "left")
      throw definitionInvalid("join", `the type of a join must be "inner" or "left", got ${JSON.stringify(type)}`);
    const plan: Plan = { op: "join", left: this.#plan, right: right.plan, on: joinPairs(on), type };
    const reason = timelessReason(timeless, "join");
    const times = timesOfJoin(this.#times, right.times, plan.on, stepOf("join", right, plan.on), reason);
    return this.#with(plan, times, right.sources);
  }

  asOfJoin(other: unknown, options?: { readonly on?: unknown; readonly ttl?: unknown; readonly timestamps?: unknown }): RelationBuilder {
    const right = this.#other(other, "asOfJoin");
    if (right === undefined) return this.#unknown(other);
    const side = ({ plan, schema, times }: RelationContent) => ({ plan, schema, timestamp: times.timestamp });
    const { plan, on, timestamps } = asOfPlan(side(this[relationSymbol]), side(right), options ?? {});
    return this.#with(plan, timesOfAsOfJoin(this.#times, right.times, timestamps, stepOf("asOfJoin", right, on)), right.sources);
  }

  union(other: unknown): RelationBuilder {
    const right = this.#other(other, "union");
    if (right === undefined) return this.#unknown(other);
    return this.#with(unionPlan(this[relationSymbol], right), timesOfUnion(this.#times, right.times), right.sources);
  }

  distinct(): RelationBuilder {
    return this.#with({ op: "distinct", input: this.#plan });
  }

  #computed(columns: unknown, method: string, convert = (value: unknown): unknown => value): ReadonlyMap<string, Expression> {
    return new Map(namedValues(columns, method).map(([name, value]) => [name, this.#expression(convert(value), method, `"${name}"`)]));
  }

  #derive(added: ReadonlyMap<string, Expression>): RelationBuilder {
    const kept = this.#schema.map(({ name }): readonly [string, Expression] => [name, added.get(name) ?? column(name)]);
    const all = new Map([...kept, ...added]);
    return this.#project(
      [...all].map(([name, value]) => ({ name, value })),
      { kind: "derive", text: `derive of ${[...added.keys()].join(", ")}` },
    );
  }

  #project(columns: Project["columns"], step: Step): RelationBuilder {
    return this.#with({ op: "project", input: this.#plan, columns }, timesOfProject(this.#times, columns, this.#schema, step));
  }

  /** Returns the content of the other side of a join. Undefined if its columns are not known yet. */
  #other(other: unknown, method: string): RelationContent | undefined {
    const source = sourceGiven(other);
    const relation = source === undefined ? other : relationOf(source, this.#columnsOf);
    if (isUnknownRelation(relation)) return undefined;
    const content = contentOf(relation);
    if (content === undefined) throw definitionInvalid(method, `${method} needs a source, a feature, or a relation`);
    return content;
  }

  /** Returns a stand-in for this relation, joined with a source or stand-in whose columns are not known yet. */
  #unknown(other: unknown): RelationBuilder {
    const source = sourceGiven(other);
    const joined = source === undefined ? sourcesOfUnknown(other) : [source];
    return unknownRelation([...this[relationSymbol].sources, ...joined], asking(this.#columnsOf)) as RelationBuilder;
  }

  #aggregate(keys: readonly string[], values: readonly NamedAggregate[], options: TimelessGiven = {}): RelationBuilder {
    const step: Step = { kind: "groupBy", text: `groupBy(${keys.map((key) => JSON.stringify(key)).join(", ")})` };
    const times = timesOfGroups(this.#times, keys, step, timelessReason(options.timeless, "aggregate"));
    const { aggregates, computed } = aggregatesOf(keys, values);
    const groups: Plan = { op: "aggregate", input: this.#plan, keys: [...keys], aggregates };
    return this.#with(computed === undefined ? groups : { op: "project", input: groups, columns: computed }, times);
  }

  #expression(value: unknown, method: string, what: string): Expression {
    if (!isTyped(value)) {
      const hint = isAggregated(value)
        ? ", not an aggregate; use aggregates in groupBy(...).aggregate(...)"
        : value === null
          ? "; write a null as literal(null, kind)"
          : "; wrap a constant in literal()";
      throw definitionInvalid(method, `${method} needs an expression as ${what}${hint}`);
    }
    const { expression, rows } = value[valueSymbol];
    this.#checkRows(rows, method, what);
    return expression;
  }

  #aggregatesGiven(given: AggregateGiven, method: string): readonly NamedAggregate[] {
    const { aggregate } = { ...given };
    if (typeof aggregate !== "function")
      throw definitionInvalid(method, `${method} needs aggregates: aggregate: ({ amount }) => ({ total: amount.sum() })`);
    return this.#aggregatedIn(aggregate(rowOf(this.#schema, method)), method);
  }

  #aggregatedIn(columns: unknown, method: string): readonly NamedAggregate[] {
    return namedValues(columns, method).map(([name, value]) => ({ name, ...this.#aggregated(value, name) }));
  }

  #aggregated(value: unknown, name: string): Aggregated[typeof aggregateSymbol] {
    if (!isAggregated(value)) {
      const hint = isTyped(value)
        ? "is not aggregated: add .sum(), .max(), or another aggregate"
        : "is not an aggregate: use one, such as count()";
      throw definitionInvalid("aggregate", `"${name}" ${hint}`);
    }
    this.#checkRows(value[aggregateSymbol].rows, "aggregate", `"${name}"`);
    return value[aggregateSymbol];
  }

  #checkRows(rows: Schema | undefined, method: string, what: string): void {
    if (rows === undefined || rows === this.#schema) return;
    throw definitionInvalid(method, `${method} uses an expression over other rows as ${what}; use the columns of its own row`);
  }

  #with(plan: Plan, times = this.#times, sources: readonly AnySource[] = []): RelationBuilder {
    const known = this[relationSymbol].sources;
    return new RelationBuilder(plan, [...new Set([...known, ...sources])], times, this.#columnsOf);
  }

  get #times(): Times {
    return this[relationSymbol].times;
  }

  get #plan(): Plan {
    return this[relationSymbol].plan;
  }

  get #schema(): Schema {
    return this[relationSymbol].schema;
  }
}

function stepOf(kind: "join" | "asOfJoin", right: RelationContent, on: Join["on"]): Step {
  const names = right.sources.map(({ name }) => `"${name}"`).join(" and ");
  const columns = on.map((pair) => (pair.left === pair.right ? pair.left : `${pair.left} = ${pair.right}`)).join(", ");
  return { kind, text: `${kind} with ${names} on ${columns}` };
}

function namedValues(record: unknown, method: string): readonly (readonly [string, unknown])[] {
  if (typeof record !== "object" || record === null || isTyped(record) || isAggregated(record)) {
    throw definitionInvalid(method, `${method} needs an object of columns by name: ${method}((row) => ({ name: ... }))`);
  }
  const entries = Object.entries(record);
  if (entries.length === 0) throw definitionInvalid(method, `${method} needs at least one column`);
  return entries;
}
