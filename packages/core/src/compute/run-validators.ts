import {
  type AggregateCall,
  column,
  type Engine,
  isMlforgeError,
  MlforgeError,
  type Plan,
  type RuleResult,
  type Scan,
} from "@mlforge/spec";
import { countIn, onlyResult } from "../read/small-result.js";
import { keyColumns } from "../resolve/key-columns.js";
import { pruneColumns } from "../resolve/prune-columns.js";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import type { ResolvedValidator } from "../resolve/resolve-validators.js";
import { failureOf, offendingRows, sharedCount, sharedValues } from "./offending-rows.js";
import { writtenRows } from "./written-rows.js";

/**
 * Counts the rows of written files that fail the validators of the feature, in one pass.
 *
 * Only failed rules cause more passes: for example rows, and for the number of rows that share a value.
 */
export async function runValidators(
  engine: Engine,
  resolved: ResolvedFeature,
  urls: readonly string[],
  signal?: AbortSignal,
): Promise<readonly RuleResult[]> {
  if (resolved.validators.length === 0) return [];
  try {
    return await run(engine, resolved, urls, signal);
  } catch (error) {
    if (!isMlforgeError(error, "TRANSFORM_FAILED", "ARITHMETIC_OVERFLOW")) throw error;
    const where = `${resolved.feature.name}.validators`;
    throw new MlforgeError(
      error.code,
      `the validators of feature "${resolved.feature.name}": ${error.message}`,
      { where },
      { cause: error },
    );
  }
}

async function run(
  engine: Engine,
  resolved: ResolvedFeature,
  urls: readonly string[],
  signal?: AbortSignal,
): Promise<readonly RuleResult[]> {
  const { validators } = resolved;
  const file = writtenRows(resolved, urls);
  const keys = keyColumns(resolved);
  const counts = await countRows(engine, file, validators, signal);
  const results: RuleResult[] = [];
  for (const [index, validator] of validators.entries()) {
    const { rule, name, column, severity, tolerate } = validator;
    const failed = await failedRows(engine, file, validator, index, counts, signal);
    const { rows } = counts;
    const tolerated = toleratedRows(tolerate, rows);
    const passed = failed <= tolerated;
    const examples = passed ? [] : await offendingRows(engine, file, validator, keys, signal);
    results.push({ name, rule, ...(column === undefined ? {} : { column }), severity, rows, failed, tolerated, passed, examples });
  }
  return results;
}

/** The number of rows, and the counts for each validator. */
interface Counts {
  readonly rows: number;
  of(index: number, what: "failed" | "values" | "distinct"): number;
}

async function countRows(engine: Engine, file: Scan, validators: readonly ResolvedValidator[], signal?: AbortSignal): Promise<Counts> {
  const aggregates = validators.flatMap((validator, index) =>
    countsOf(validator).map(({ what, value }) => ({ name: `${what} ${index}`, value })),
  );
  const rows = { name: "rows", value: { function: "count" } } as const;
  const plan: Plan = { op: "aggregate", input: file, keys: [], aggregates: [rows, ...aggregates] };
  const row = await onlyResult(engine, pruneColumns(plan), signal);
  return { rows: countIn(row, "rows"), of: (index, what) => countIn(row, `${what} ${index}`) };
}

function countsOf({
  test,
}: ResolvedValidator): readonly { readonly what: "failed" | "values" | "distinct"; readonly value: AggregateCall }[] {
  switch (test.kind) {
    case "rowCount":
      return [];
    case "unique": {
      const input = column(test.column);
      return [
        { what: "values", value: { function: "count", input } },
        { what: "distinct", value: { function: "countDistinct", input } },
      ];
    }
    case "condition": {
      const no = { expr: "literal", kind: "boolean", value: "false" } as const;
      // Counts skip nulls, so only the rows for which the failure is true are counted.
      const input = { expr: "call", function: "nullIf", arguments: [failureOf(test.condition), no] } as const;
      return [{ what: "failed", value: { function: "count", input } }];
    }
  }
}

async function failedRows(
  engine: Engine,
  file: Scan,
  { test }: ResolvedValidator,
  index: number,
  counts: Counts,
  signal?: AbortSignal,
): Promise<number> {
  switch (test.kind) {
    case "rowCount":
      return Math.max(test.min - counts.rows, counts.rows - test.max, 0);
    case "condition":
      return counts.of(index, "failed");
    case "unique": {
      if (counts.of(index, "values") === counts.of(index, "distinct")) return 0;
      const input = column(sharedCount(test.column));
      const sum = { name: "failed", value: { function: "sum", input } } as const;
      const plan: Plan = { op: "aggregate", input: sharedValues(file, test.column), keys: [], aggregates: [sum] };
      return countIn(await onlyResult(engine, pruneColumns(plan), signal), "failed");
    }
  }
}

/** Returns the largest number of rows whose share is within the tolerated share. */
function toleratedRows(share: number, rows: number): number {
  const most = Math.round(share * rows);
  return rows > 0 && most / rows > share ? most - 1 : most;
}
