import type { Columns } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import type { HasColumns } from "./has-columns.js";
import { checkColumns } from "./source.js";
import { refuseEncodings } from "./time-encoding.js";
import { timelessReason } from "./times.js";

/** A function over Arrow batches. Can keep state between batches, and should stop when `signal` is aborted. */
export type RunBatches = (batches: AsyncIterable<RecordBatch>, options: { readonly signal: AbortSignal }) => AsyncIterable<RecordBatch>;

/** A function over the rows of a source, with the columns it returns. Runs in this process and needs no engine. */
export interface BatchesTransform<C extends Columns = Columns> extends HasColumns<C> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "batches">;
  readonly columns: Columns;
  readonly run: RunBatches;
  /** The fingerprinted parts: the source text and the version of the function. */
  readonly logic: string;
  readonly version: string | undefined;
  readonly timeless: string | undefined;
  readonly volatile: boolean;
}

export interface BatchesOptions<C extends Columns> {
  /** The columns of the batches it yields, in order. Batches with other columns fail the build. */
  readonly columns: C;
  readonly run: RunBatches;
  /** Change this when the text of the function stays the same but code it calls changes. */
  readonly version?: string | undefined;
  /** Why no row uses rows that became known later. mlforge cannot check a function, so without a reason the build shows a notice. */
  readonly timeless?: string | undefined;
  /** True if the function can yield other rows for the same batches. The version records it. mlforge cannot check a function. Defaults to false. */
  readonly volatile?: boolean | undefined;
}

/**
 * Transforms the rows of a source with a function over Arrow batches. Runs in this process and needs no engine.
 *
 * The feature changes when the text of `run` changes, or `version`.
 *
 * @throws DEFINITION_INVALID
 */
export function batches<const C extends Columns>(options: BatchesOptions<C>): BatchesTransform<C>;
export function batches({ columns, run, version, timeless, volatile = false }: BatchesOptions<Columns>): BatchesTransform {
  const issues = new DefinitionIssues();
  checkColumns(columns, "batches.columns", issues);
  refuseEncodings(columns, "batches.columns", issues);
  if (typeof run !== "function") issues.add("batches.run", "expected a function over batches");
  issues.collect("batches.timeless", () => timelessReason(timeless, "batches"));
  if (typeof volatile !== "boolean") issues.add("batches.volatile", "expected true or false");
  issues.check();
  const logic = JSON.stringify({ run: run.toString(), version, ...(volatile ? { volatile } : {}) });
  return { [definitionSymbol]: "batches", columns, run, logic, version, timeless, volatile };
}

export function isBatchesTransform(candidate: unknown): candidate is BatchesTransform {
  return isDefinition(candidate, "batches");
}
