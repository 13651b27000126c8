import type { Schema } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { checkTies } from "../compute/check-ties.js";
import { runFunction } from "../compute/compute-batches.js";
import { engineFor } from "../compute/engine-for.js";
import { spooledPlan } from "../compute/spooled-plan.js";
import type { AnyFeature } from "../define/any-feature.js";
import { type RowOptions, type RowValue, rowsOf } from "../read/rows.js";
import { type PreparedFeature, prepareFeature } from "../resolve/prepare.js";
import { bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { KnownSources } from "../sources/known-sources.js";
import { openTemporary } from "../sources/staging.js";

export interface PreviewOptions extends RowOptions {
  /** The maximum number of rows. Defaults to 5. */
  readonly rows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Some of the rows that a build would compute now, in no particular order. */
export interface Preview {
  readonly columns: Schema;
  readonly rows: readonly Record<string, RowValue>[];
}

/** Computes the first rows of a feature. Publishes nothing. */
export async function previewFeature(feature: AnyFeature, context: BuildContext, options: PreviewOptions): Promise<Preview> {
  const { rows: limit = 5, signal } = options;
  await using known = new KnownSources(context, { reads: "now" });
  const prepared = await prepareFeature(feature, known, signal);
  const columns = prepared.resolved.schema;
  const rows: Record<string, RowValue>[] = [];
  if (limit <= 0) return { columns, rows };
  for await (const batch of firstBatches(prepared, context, limit, signal)) {
    for (const row of rowsOf(batch, columns, options)) {
      rows.push(row);
      if (rows.length >= limit) return { columns, rows };
    }
  }
  return { columns, rows };
}

async function* firstBatches(
  prepared: PreparedFeature,
  context: BuildContext,
  count: number,
  signal?: AbortSignal,
): AsyncGenerator<RecordBatch, void, undefined> {
  const { computation } = prepared.resolved;
  if (computation.kind === "plan") {
    const input = bindSources(computation.plan, prepared.sources);
    const engine = engineFor(context, prepared.resolved);
    await checkTies(engine, prepared.resolved.feature.name, input, signal);
    yield* engine.run({ op: "limit", input, count }, { signal });
  } else if (computation.rolling === undefined) {
    yield* runFunction(prepared, context, signal);
  } else {
    const engine = engineFor(context, prepared.resolved);
    await using staging = await openTemporary();
    const input = await spooledPlan(prepared, context, { folder: staging.path, signal });
    yield* engine.run({ op: "limit", input, count }, { signal });
  }
}
