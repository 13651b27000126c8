import type { Plan, RollingAggregate, Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { isBatchesTransform, type RunBatches } from "../define/batches-transform.js";
import { DefinitionIssues, definitionInvalid } from "../define/definition-issues.js";
import { sourceGiven } from "../define/feature-source.js";
import { withJoinKeys } from "../define/join-keys.js";
import { type ColumnsOf, columnsRead, contentOf, relationOf } from "../define/relation-builder.js";
import { scanOf, schemaFrom } from "../define/scan-of.js";
import type { AnySource } from "../define/source.js";
import { isSqlTransform, type SqlTransform, sourceTable } from "../define/sql-transform.js";
import type { TimelessStep, Times } from "../define/times.js";
import { checkTimes, timeNotices } from "./check-times.js";
import { checkOutput, timestampOf } from "./feature-output.js";
import { pruneColumns } from "./prune-columns.js";
import { type ResolvedValidator, resolveValidators } from "./resolve-validators.js";
import { rolledSchema, rollUp } from "./roll-up.js";

/** A feature with everything that is known when the columns of its sources are known. */
export interface ResolvedFeature {
  readonly feature: AnyFeature;
  readonly keys: readonly string[];
  readonly timestamp: string | undefined;
  /** The columns of its rows. */
  readonly schema: Schema;
  /** The sources that its plan reads, without duplicates. Its own source is first. */
  readonly sources: readonly AnySource[];
  readonly computation: Computation;
  /** The rules that its rows must pass to be published. */
  readonly validators: readonly ResolvedValidator[];
  /** The steps that its definition declares independent of time. */
  readonly timeless: readonly TimelessStep[];
  /** True if its definition declares that equal inputs can give other rows. */
  readonly volatile: boolean;
  /** Notices about parts of the definition that mlforge cannot check. */
  readonly notices: readonly string[];
}

/** How the rows of a feature are computed: a plan for an engine, or a function over the rows of a scan. */
type Computation =
  | { readonly kind: "plan"; readonly plan: Plan }
  | {
      readonly kind: "batches";
      readonly input: Plan;
      readonly run: RunBatches;
      /** Represents the function in a fingerprint. */
      readonly logic: string;
      readonly version: string | undefined;
      /** The columns that the function returns. */
      readonly columns: Schema;
      /** The windows that an engine applies to the rows of the function. */
      readonly rolling?: Omit<RollingAggregate, "input"> | undefined;
    };

/** The sources whose columns must be read before a feature can be converted. Never empty. */
export interface ColumnsNeeded {
  readonly needs: readonly AnySource[];
}

/**
 * Converts a feature to a plan. `columnsOf` returns the columns of sources that declare none, or undefined for those that nobody has read.
 *
 * @throws DEFINITION_INVALID, which lists every problem
 */
export function resolveFeature(feature: AnyFeature, columnsOf: (source: AnySource) => Schema): ResolvedFeature;
export function resolveFeature(feature: AnyFeature, columnsOf: ColumnsOf): ResolvedFeature | ColumnsNeeded;
export function resolveFeature(feature: AnyFeature, columnsOf: ColumnsOf): ResolvedFeature | ColumnsNeeded {
  const issues = new DefinitionIssues();
  const resolved = resolve(feature, columnsOf, issues);
  issues.check();
  if (resolved === undefined) throw new TypeError("a feature without issues is resolved");
  return resolved;
}

/** Like {@link resolveFeature}, but adds the problems to `issues`. */
export function resolve(feature: AnyFeature, columnsOf: ColumnsOf, issues: DefinitionIssues): ResolvedFeature | ColumnsNeeded | undefined {
  const needs = new Set<AnySource>();
  const asked: ColumnsOf = (source) => {
    const columns = columnsOf(source) ?? source.upstream?.columns;
    if (columns === undefined) needs.add(source);
    return columns;
  };
  // What goes wrong with columns that are not known means nothing.
  const problems = new DefinitionIssues();
  const computed = problems.collect(`${feature.name}.transform`, () => compute(feature, asked));
  if (needs.size > 0) return { needs: [...needs] };
  issues.addAll(problems);
  if (computed === undefined) return undefined;
  checkOutput(feature, computed.schema, issues);
  checkSources(computed.sources, feature.name, issues);
  const timestamp = timestampOf(feature, computed.schema);
  if (feature.partition !== undefined && timestamp === undefined)
    issues.add(`${feature.name}.partition`, "partition needs a timestamp; declare one on the source or the feature, or remove partition");
  checkTimes(feature, timestamp, computed, issues);
  const notices = timestamp === undefined ? [] : [...timeNotices(timestamp, computed.times), ...computed.notices];
  const { schema, sources, computation, times } = computed;
  const rows = {
    feature,
    keys: feature.keys,
    timestamp,
    schema,
    sources,
    computation,
    timeless: times.timeless,
    volatile: isVolatile(feature),
    notices,
  };
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
  const scan = (each: AnySource): Plan => scanOf(each, columnsRead(each, columnsOf));
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
    const tables = Object.entries({ [sourceTable]: source, ...inputsOf(transform) });
    const inputs = Object.fromEntries(tables.map(([name, table]) => [name, name === sourceTable ? keyed() : scan(table)]));
    const schema = schemaFrom(transform.columns);
    const sources = [...new Set(tables.map(([, table]) => table))];
    const plan: Plan = { op: "sql", query: transform.query, ...(transform.volatile ? { volatile: true } : {}), inputs, columns: schema };
    return { schema, sources, computation: { kind: "plan", plan }, ...unchecked("sql", transform.timeless) };
  }
  const rows = relationOf(source, columnsOf, feature.entities);
  const content = contentOf(transform === undefined ? rows : transform(rows, (other) => relationOf(other, columnsOf)));
  if (content === undefined) throw definitionInvalid("result", "a transform must return the relation that it built from its rows");
  const { schema, sources, times } = content;
  return { schema, sources, computation: { kind: "plan", plan: pruneColumns(content.plan) }, times, notices: [] };
}

/** Returns the other sources of a query, by table name. */
export function inputsOf({ inputs }: SqlTransform): Readonly<Record<string, AnySource>> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, input]) => {
      const source = sourceGiven(input);
      return source === undefined ? [] : [[name, source]];
    }),
  );
}

function isVolatile({ transform }: AnyFeature): boolean {
  return (isSqlTransform(transform) || isBatchesTransform(transform)) && transform.volatile;
}

/** Describes a transform that cannot be inspected. It either declares why its rows include nothing later, or causes a notice. */
function unchecked(transform: "sql" | "batches", reason: string | undefined): Pick<Computed, "times" | "notices"> {
  const times: Times = { timestamp: undefined, sourceTimes: [], timeless: reason === undefined ? [] : [{ step: transform, reason }] };
  const notice = `mlforge cannot check that ${transform}(...) keeps later rows out of earlier ones; check it and then declare why: ${transform}({ ..., timeless: "the reason" })`;
  return { times, notices: reason === undefined ? [notice] : [] };
}

/** Checks the names of sources, since plans refer to sources by name. */
function checkSources(sources: readonly AnySource[], feature: string, issues: DefinitionIssues): void {
  const names = sources.map(({ name }) => name);
  const shared = new Set(names.filter((name, index) => names.indexOf(name) < index));
  for (const name of shared) issues.add(`${feature}.source`, `it reads two different sources named "${name}"; rename one of them`);
}
