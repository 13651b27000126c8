import type { Plan, RollUp, Schema } from "@mlforge/spec";
import { isBatchesTransform, type RunBatches } from "./batches-transform.js";
import { DefinitionIssues, definitionInvalid } from "./definition-issues.js";
import type { AnyFeature } from "./feature.js";
import { checkOutput, timestampOf } from "./feature-output.js";
import { withJoinKeys } from "./join-keys.js";
import { pruneColumns } from "./prune-columns.js";
import { type ColumnsOf, columnsIn, contentOf, relationOf } from "./relation-builder.js";
import { type ResolvedValidator, resolveValidators } from "./resolve-validators.js";
import { rolledSchema, rollUp } from "./roll-up.js";
import { scanOf, schemaFrom } from "./scan-of.js";
import type { AnySource } from "./source.js";
import { isSqlTransform, sourceTable } from "./sql-transform.js";

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
      readonly rolling?: Omit<RollUp, "input"> | undefined;
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
  const rows = { feature, keys: feature.keys, timestamp, ...computed };
  const rolling = feature.rolling === undefined ? undefined : rollUp(feature.rolling, rows, issues);
  if (feature.rolling !== undefined && rolling === undefined) return undefined;
  const output = rolling === undefined ? rows : rolled(rows, rolling);
  return { ...output, validators: resolveValidators(feature, output.schema, issues) };
}

function rolled(resolved: Omit<ResolvedFeature, "validators">, rolling: Omit<RollUp, "input">): Omit<ResolvedFeature, "validators"> {
  const { computation } = resolved;
  const schema = rolledSchema(rolling, resolved);
  if (computation.kind === "batches") return { ...resolved, schema, computation: { ...computation, rolling } };
  return { ...resolved, schema, computation: { kind: "plan", plan: pruneColumns({ ...rolling, input: computation.plan }) } };
}

function compute(feature: AnyFeature, columnsOf: ColumnsOf): Pick<ResolvedFeature, "schema" | "sources" | "computation"> {
  const { source, transform } = feature;
  const scan = (each: AnySource): Plan => scanOf(each, columnsIn(each, columnsOf));
  const keyed = (): Plan => withJoinKeys(scan(source), source.name, feature.entities);
  if (isBatchesTransform(transform)) {
    const { columns, run, logic, version } = transform;
    const schema = schemaFrom(columns);
    return { schema, sources: [source], computation: { kind: "batches", input: keyed(), run, logic, version, columns: schema } };
  }
  if (isSqlTransform(transform)) {
    const tables = Object.entries({ [sourceTable]: source, ...transform.inputs });
    const inputs = Object.fromEntries(tables.map(([name, table]) => [name, name === sourceTable ? keyed() : scan(table)]));
    const schema = schemaFrom(transform.columns);
    const sources = [...new Set(tables.map(([, table]) => table))];
    return { schema, sources, computation: { kind: "plan", plan: { op: "sql", query: transform.query, inputs, columns: schema } } };
  }
  const rows = relationOf(source, columnsOf, feature.entities);
  const content = contentOf(transform === undefined ? rows : transform(rows, (other) => relationOf(other, columnsOf)));
  if (content === undefined) throw definitionInvalid("result", "a transform must return the relation it made from its rows");
  return { schema: content.schema, sources: content.sources, computation: { kind: "plan", plan: pruneColumns(content.plan) } };
}

/** Plans know sources by name. */
function checkSources(sources: readonly AnySource[], feature: string, issues: DefinitionIssues): void {
  const names = sources.map(({ name }) => name);
  const shared = new Set(names.filter((name, index) => names.indexOf(name) < index));
  for (const name of shared)
    issues.add(`${feature}.source`, `it reads two different sources named "${name}"; give one of them another name`);
}
