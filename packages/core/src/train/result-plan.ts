import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { column, type Plan, schemaOf } from "@mlforge/spec";
import { freshName } from "../define/fresh-name.js";
import type { TrainingLock } from "../read/lock.js";
import { expectReadable } from "../read/read-feature.js";
import type { BuildContext } from "../sources/context.js";
import { requireEngine } from "../sources/require-engine.js";
import type { TrainingWarning } from "./check-training.js";
import type { ChosenFeature } from "./chosen-feature.js";
import { joinPlan, type NumberedLabels } from "./join-plan.js";
import { keysToMake, withKeys } from "./label-keys.js";
import type { PreparedLabels } from "./labels.js";
import { withReachableFiles } from "./reachable-files.js";

export interface TrainingProgress {
  /** The feature that is being joined. Undefined while the result is read or written. */
  readonly feature: string | undefined;
  /** From 0 to 1. */
  readonly fraction?: number | undefined;
}

/** Options for reading a training set. */
export interface TrainingReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
}

/** The inputs of a training set. */
export interface TrainingParts {
  readonly labels: PreparedLabels;
  readonly timestamp: string | undefined;
  readonly features: readonly ChosenFeature[];
  readonly allowExactMatches: boolean;
  readonly lock: TrainingLock;
  readonly warnings: readonly TrainingWarning[];
  /** How to check the data files, as in the options for reading a feature. */
  readonly verify: boolean | undefined;
}

/**
 * Returns the plan of the result. One feature is joined in the plan itself. Several features are joined one after another into separate files that
 * are read side by side, so that only one of them is in memory at a time.
 */
export async function resultPlan(parts: TrainingParts, context: BuildContext, folder: string, options: TrainingReadOptions): Promise<Plan> {
  const { labels, timestamp, allowExactMatches, verify } = parts;
  const { store } = context;
  const { signal, onProgress } = options;
  const engine = requireEngine(context, "a training set needs");
  await labels.expectUnchanged();
  const source = await labels.open(folder, signal);
  const features = await withReachableFiles(parts.features, source, timestamp, engine, signal);
  for (const { metadata } of verify === true ? parts.features : features) await expectReadable(context, metadata, { verify, signal });
  const names = labels.schema.map(({ name }) => name);
  const row = freshName([
    ...names,
    ...features.flatMap(({ keyColumns, columns }) => [...keyColumns.map(({ label }) => label), ...columns.map(({ as }) => as)]),
  ]);
  const made = keysToMake(labels.schema, features);
  const [first, ...others] = features;
  if (first === undefined) return source;
  if (others.length === 0) {
    return joinPlan({ plan: numbered(withKeys(source, made), row), row, timestamp }, first, { store, allowExactMatches, keep: names });
  }
  const write = async (plan: Plan, file: string, feature: string | undefined): Promise<Plan & { readonly op: "scan" }> => {
    const url = pathToFileURL(join(folder, file)).href;
    onProgress?.({ feature });
    const { files } = await engine.write(
      plan,
      { url, format: "parquet" },
      { signal, onProgress: ({ fraction }) => onProgress?.({ feature, fraction }) },
    );
    return { op: "scan", source: file, format: { kind: "parquet" }, paths: files.map((each) => each.url), columns: schemaOf(plan) };
  };
  const rows = await write(
    { op: "project", input: source, columns: names.map((name) => ({ name, value: column(name) })) },
    "rows.parquet",
    undefined,
  );
  const parted = [rows];
  for (const [index, feature] of features.entries()) {
    const keys = feature.keyColumns.map(({ label }) => label);
    const ownKeys = made.filter(({ name }) => keys.includes(name));
    const used = new Set([...keys, timestamp, ...ownKeys.flatMap(({ from }) => from.map(({ name }) => name))]);
    const narrow: NumberedLabels = {
      plan: numbered(withKeys({ ...rows, columns: rows.columns?.filter(({ name }) => used.has(name)) }, ownKeys), row),
      row,
      timestamp,
    };
    const plan = joinPlan(narrow, feature, { store, allowExactMatches, keep: [] });
    if (feature.columns.length > 0) parted.push(await write(plan, `feature_${index}.parquet`, feature.metadata.name));
  }
  return { op: "zip", inputs: parted };
}

function numbered(input: Plan, name: string): Plan {
  return { op: "numberRows", input, column: name };
}
