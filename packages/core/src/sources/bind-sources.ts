import type { Expression, Plan, Scan } from "@mlforge/spec";
import { mapInputs } from "./map-scans.js";
import { mayBeTrue } from "./partition-conditions.js";
import type { SourceFile, SourceFiles } from "./source-files.js";

/**
 * The plan with files in place of the declared paths. Files that a filter rules out by what their folders say are left out: they are neither
 * fetched nor opened.
 */
export function bindSources(plan: Plan, sources: ReadonlyMap<string, SourceFiles>): Plan {
  return bind(plan, sources, []);
}

/** @param conditions What a row of `plan` must fulfil to be of use above it, as far as that is known. */
function bind(plan: Plan, sources: ReadonlyMap<string, SourceFiles>, conditions: readonly Expression[]): Plan {
  switch (plan.op) {
    case "scan":
      return bindScan(plan, sources.get(plan.source), conditions);
    case "filter":
      return { ...plan, input: bind(plan.input, sources, [...conditions, plan.condition]) };
    case "sort":
    case "distinct":
      return { ...plan, input: bind(plan.input, sources, conditions) };
    case "project": {
      const kept = plan.columns.filter(({ name, value }) => value.expr === "column" && value.name === name).map(({ name }) => name);
      return { ...plan, input: bind(plan.input, sources, kept.length === 0 ? [] : conditions.filter((each) => usesOnly(each, kept))) };
    }
    default:
      // The rows of other operations are not those of their inputs, so that what lies below is bound by itself.
      return mapInputs(
        plan,
        (input) => bind(input, sources, []),
        (scan) => bindScan(scan, sources.get(scan.source), []),
      );
  }
}

function bindScan(scan: Scan, bound: SourceFiles | undefined, conditions: readonly Expression[]): Scan {
  if (bound === undefined) return scan;
  const kinds = new Map(scan.partitions?.map(({ name, kind }) => [name, kind]));
  const isOfUse = ({ partitions = {} }: SourceFile): boolean => conditions.every((condition) => mayBeTrue(condition, partitions, kinds));
  const needed = kinds.size === 0 ? bound.files : bound.files.filter(isOfUse);
  // A scan of no files has no columns; the filter still lets no row of this one through.
  const files = needed.length === 0 ? bound.files.slice(0, 1) : needed;
  return scanOfFiles(scan, files);
}

/** The scan with these files in place of what it declares. */
export function scanOfFiles(scan: Scan, files: readonly SourceFile[]): Scan {
  const paths = files.map(({ url }) => url);
  if (scan.query === undefined) return { ...scan, paths };
  // The rows of a query are staged with their types.
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
