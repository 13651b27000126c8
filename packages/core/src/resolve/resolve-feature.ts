import type { Plan, RollingAggregate, Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { isBatchesTransform, type RunBatches } from "../define/batches-transform.js";
import { DefinitionIssues, definitionInvalid } from "../define/definition-issues.js";
import { withJoinKeys } from "../define/join-keys.js";
import { type ColumnsOf, columnsIn, contentOf, relationOf } from "../define/relation-builder.js";
import { scanOf, schemaFrom } from "../define/scan-of.js";
import type { AnySource } from "../define/source.js";
import { isSqlTransform, sourceTable } from "../define/sql-transform.js";
import type { TimelessStep, Times } from "../define/times.js";
import { checkTimes, timeNotices } from "./check-times.js";
import { checkOutput, timestampOf } from "./feature-output.js";
import { pruneColumns } from "./prune-columns.js";
import { type ResolvedValidator, resolveValidators } from "./resolve-validators.js";
import { rolledSchema, rollUp } from "./roll-up.js";

/** A feature with everything that is known once the columns of its sources are. */
export interface ResolvedFeature {
  readonly feature: AnyFeature;
  readonly keys: readonly string[];
  readonly timestamp: string | undefined;
  /** The columns of its rows. */
  readonly schema: Schema;
  /** What its plan reads, each once; its own source first. */
  readonly sources: readonly AnySource[];
  readonly computation: Computation;
  /** What its rows must fulfil to be published. */
  readonly validators: readonly ResolvedValidator[];
  /** The steps that its definition states to be independent of time. */
  readonly timeless: readonly TimelessStep[];
  /** What to look at twice, in words. */
  readonly notices: readonly string[];
}

/** How the rows of a feature are computed: a plan for an engine, or a function over the rows of a scan. */
type Computation =
  | { readonly kind: "plan"; readonly plan: Plan }
  | {
      readonly kind: "batches";
      readonly input: Plan;
      readonly run: RunBatches;
      /** What stands for the function in a fingerprint. */
      readonly logic: string;
      readonly version: string | undefined;
      /** The columns that the function gives. */
      readonly columns: Schema;
      /** What an engine does with them. */
      readonly rolling?: Omit<RollingAggregate, "input"> | undefined;
    };

/**
 * Turns a feature into a plan, given the columns of those of its sources that declare none.
 *
 * What `columnsOf` throws passes through as it is.
 *
 * @throws DEFINITION_INVALID with everything that is wrong.
 */
export function resolveFeature(feature: AnyFeature, columnsOf: ColumnsOf): ResolvedFeature {
  const issues = new DefinitionIssues();
  const resolved = resolve(feature, columnsOf, issues);
  issues.check();
  if (resolved === undefined) throw new TypeError("a feature without issues is resolved");
  return resolved;
}

/** As {@link resolveFeature}, but adds what is wrong to `issues`. */
export function resolve(feature: AnyFeature, columnsOf: ColumnsOf, issues: DefinitionIssues): ResolvedFeature | undefined {
  let unknown: { readonly reason: unknown } | undefined;
  const watched: ColumnsOf = (source) => {
    try {
      return columnsOf(source);
    } catch (reason) {
      unknown = { reason };
      throw reason;
    }
  };
  const computed = issues.attempt(`${feature.name}.transform`, () => {
    try {
      return compute(feature, watched);
    } catch (error) {
      if (unknown !== undefined) return undefined;
      throw error;
    }
  });
  if (unknown !== undefined) throw unknown.reason;
  if (computed === undefined) return undefined;
  checkOutput(feature, computed.schema, issues);
  checkSources(computed.sources, feature.name, issues);
  const timestamp = timestampOf(feature, computed.schema);
  checkTimes(feature, timestamp, computed, issues);
  const notices = timestamp === undefined ? [] : [...timeNotices(timestamp, computed.times), ...computed.notices];
  const { schema, sources, computation, times } = computed;
  const rows = { feature, keys: feature.keys, timestamp, schema, sources, computation, timeless: times.timeless, notices };
  const rolling = feature.rolling === undefined ? undefined : rollUp(feature.rolling, rows, issues);
  if (feature.rolling !== undefined && rolling === undefined) return undefined;
  const output = rolling === undefined ? rows : rolled(rows, rolling);
  return { ...output, validators: resolveValidators(feature, output.schema, issues) };
}

function rolled(
  resolved: Omit<ResolvedFeature, "validators">,
  rolling: Omit<RollingAggregate, "input">,
): Omit<ResolvedFeature, "validators"> {
  const { computation } = resolved;
  const schema = rolledSchema(rolling, resolved);
  if (computation.kind === "batches") return { ...resolved, schema, computation: { ...computation, rolling } };
  return { ...resolved, schema, computation: { kind: "plan", plan: pruneColumns({ ...rolling, input: computation.plan }) } };
}

interface Computed extends Pick<ResolvedFeature, "schema" | "sources" | "computation" | "notices"> {
  readonly times: Times;
}

function compute(feature: AnyFeature, columnsOf: ColumnsOf): Computed {
  const { source, transform } = feature;
  const scan = (each: AnySource): Plan => scanOf(each, columnsIn(each, columnsOf));
  const keyed = (): Plan => withJoinKeys(scan(source), source.name, feature.entities);
  if (isBatchesTransform(transform)) {
    const { columns, run, logic, version } = transform;
    const schema = schemaFrom(columns);
    return {
      schema,
      sources: [source],
      computation: { kind: "batches", input: keyed(), run, logic, version, columns: schema },
      ...unchecked("batches", transform.timeless),
    };
  }
  if (isSqlTransform(transform)) {
    const tables = Object.entries({ [sourceTable]: source, ...transform.inputs });
    const inputs = Object.fromEntries(tables.map(([name, table]) => [name, name === sourceTable ? keyed() : scan(table)]));
    const schema = schemaFrom(transform.columns);
    const sources = [...new Set(tables.map(([, table]) => table))];
    const plan: Plan = { op: "sql", query: transform.query, inputs, columns: schema };
    return { schema, sources, computation: { kind: "plan", plan }, ...unchecked("sql", transform.timeless) };
  }
  const rows = relationOf(source, columnsOf, feature.entities);
  const content = contentOf(transform === undefined ? rows : transform(rows, (other) => relationOf(other, columnsOf)));
  if (content === undefined) throw definitionInvalid("result", "a transform must return the relation it made from its rows");
  const { schema, sources, times } = content;
  return { schema, sources, computation: { kind: "plan", plan: pruneColumns(content.plan) }, times, notices: [] };
}

/** A transform that nobody can look into: it says itself why its rows hold nothing that is later, or is a notice. */
function unchecked(transform: "sql" | "batches", reason: string | undefined): Pick<Computed, "times" | "notices"> {
  const times: Times = { timestamp: undefined, moments: [], timeless: reason === undefined ? [] : [{ step: transform, reason }] };
  const notice = `mlforge cannot check that ${transform}(...) keeps later rows out of earlier ones; once you have checked, say why: ${transform}({ ..., timeless: "the reason" })`;
  return { times, notices: reason === undefined ? [notice] : [] };
}

/** Plans know sources by name. */
function checkSources(sources: readonly AnySource[], feature: string, issues: DefinitionIssues): void {
  const names = sources.map(({ name }) => name);
  const shared = new Set(names.filter((name, index) => names.indexOf(name) < index));
  for (const name of shared)
    issues.add(`${feature}.source`, `it reads two different sources named "${name}"; give one of them another name`);
}
