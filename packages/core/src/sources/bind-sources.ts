import { type Expression, mapInputs, type Plan, type Scan } from "@mlforge/spec";
import { mayBeTrue } from "./partition-conditions.js";
import type { SourceFile, SourceFiles } from "./source-files.js";

/**
 * Replaces the declared paths of a plan with files. Omits files that a filter excludes by the values in their folder names: they are neither fetched
 * nor opened.
 */
export function bindSources(plan: Plan, sources: ReadonlyMap<string, SourceFiles>): Plan {
  return bindScans(plan, ({ source }) => sources.get(source));
}

/** Finds the files that a scan of a logical plan reads. If it returns undefined, the scan does not change. */
export type FilesOf = (scan: Scan) => SourceFiles | undefined;

/** Binds each scan to its own files. Otherwise like {@link bindSources}. */
export function bindScans(plan: Plan, filesOf: FilesOf): Plan {
  return bind(plan, filesOf, []);
}

/** @param conditions the known conditions that a row of `plan` must meet to be used by the operations above it */
function bind(plan: Plan, filesOf: FilesOf, conditions: readonly Expression[]): Plan {
  switch (plan.op) {
    case "scan":
      return bindScan(plan, filesOf(plan), conditions);
    case "filter":
      return { ...plan, input: bind(plan.input, filesOf, [...conditions, plan.condition]) };
    case "sort":
    case "distinct":
      return { ...plan, input: bind(plan.input, filesOf, conditions) };
    case "union":
      return { ...plan, inputs: plan.inputs.map((input) => bind(input, filesOf, conditions)) };
    case "project": {
      const kept = plan.columns.filter(({ name, value }) => value.expr === "column" && value.name === name).map(({ name }) => name);
      return { ...plan, input: bind(plan.input, filesOf, kept.length === 0 ? [] : conditions.filter((each) => usesOnly(each, kept))) };
    }
    default:
      // Other operations return different rows than their inputs, so each input is bound without conditions.
      return mapInputs(
        plan,
        (input) => bind(input, filesOf, []),
        (scan) => bindScan(scan, filesOf(scan), []),
      );
  }
}

function bindScan(scan: Scan, bound: SourceFiles | undefined, conditions: readonly Expression[]): Scan {
  if (bound === undefined) return scan;
  const kinds = new Map(scan.partitions?.map(({ name, kind }) => [name, kind]));
  const isOfUse = ({ partitions = {} }: SourceFile): boolean => conditions.every((condition) => mayBeTrue(condition, partitions, kinds));
  const needed = kinds.size === 0 ? bound.files : bound.files.filter(isOfUse);
  // A scan of no files has no columns. The filter passes no row of this file anyway.
  const files = needed.length === 0 ? bound.files.slice(0, 1) : needed;
  return scanOfFiles(scan, files);
}

/** Replaces the declared paths of a scan with these files. */
export function scanOfFiles(scan: Scan, files: readonly SourceFile[]): Scan {
  const paths = files.map(({ url }) => url);
  if (scan.feature !== undefined) {
    const { feature: _feature, ...published } = scan;
    return { ...published, paths, trusted: true };
  }
  if (scan.query === undefined) return { ...scan, paths };
  // Staged rows of a query already have their types.
  const { query: _query, encodings: _encodings, ...staged } = scan;
  return { ...staged, paths };
}

function usesOnly(expression: Expression, names: readonly string[]): boolean {
  switch (expression.expr) {
    case "column":
      return names.includes(expression.name);
    case "literal":
      return true;
    case "call":
      return expression.arguments.every((each) => usesOnly(each, names));
    case "case":
      return [...expression.branches.flatMap(({ when, then }) => [when, then]), expression.otherwise].every((each) =>
        usesOnly(each, names),
      );
    case "cast":
      return usesOnly(expression.value, names);
  }
}
