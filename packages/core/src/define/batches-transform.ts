import type { Columns } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import type { HasColumns } from "./has-columns.js";
import { checkColumns } from "./source.js";
import { refuseEncodings } from "./time-encoding.js";
import { timelessReason } from "./times.js";

/** A function over Arrow batches. It may keep state between them, and should stop when `signal` is aborted. */
export type RunBatches = (batches: AsyncIterable<RecordBatch>, options: { readonly signal: AbortSignal }) => AsyncIterable<RecordBatch>;

/** A function over the rows of a source, with the columns it gives. Runs in this process; no engine is needed. */
export interface BatchesTransform<C extends Columns = Columns> extends HasColumns<C> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "batches">;
  readonly columns: Columns;
  readonly run: RunBatches;
  /** What is fingerprinted: the function's text and version. */
  readonly logic: string;
  readonly version: string | undefined;
  readonly timeless: string | undefined;
}

export interface BatchesOptions<C extends Columns> {
  /** The columns of the batches it gives, in order. Others fail the build. */
  readonly columns: C;
  readonly run: RunBatches;
  /** Change it when the function's own text stays the same but what it calls does not. */
  readonly version?: string | undefined;
  /** Why no row takes in rows that became known later. mlforge cannot check a function; without a reason a build says so. */
  readonly timeless?: string | undefined;
}

/**
 * A function over the rows of a source, with the columns it gives. Runs in this process; no engine is needed.
 *
 * The feature has changed when the text of `run` or `version` has.
 *
 * @throws DEFINITION_INVALID
 */
export function batches<const C extends Columns>(options: BatchesOptions<C>): BatchesTransform<C>;
export function batches({ columns, run, version, timeless }: BatchesOptions<Columns>): BatchesTransform {
  const issues = new DefinitionIssues();
  checkColumns(columns, "batches.columns", issues);
  refuseEncodings(columns, "batches.columns", issues);
  if (typeof run !== "function") issues.add("batches.run", "a function over batches is needed");
  issues.attempt("batches.timeless", () => timelessReason(timeless, "batches"));
  issues.check();
  const logic = JSON.stringify({ run: run.toString(), version });
  return { [definitionSymbol]: "batches", columns, run, logic, version, timeless };
}

export function isBatchesTransform(candidate: unknown): candidate is BatchesTransform {
  return isDefinition(candidate, "batches");
}
