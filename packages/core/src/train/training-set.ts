import type { Columns, NamedColumn } from "@mlforge/spec";
import type { FeatureInput } from "../define/features-of.js";
import { parseLock, type TrainingLock } from "../read/lock.js";
import type { BuildContext } from "../sources/context.js";
import { trainingProblems, trainingWarnings } from "./check-training.js";
import { type ChosenFeature, chooseFeature, lockedFeature, type NamedChoice, withTimestamp } from "./chosen-feature.js";
import type { CheckedChoices, CheckedTimestamp, FeatureChoice, LabelNames, LabelTimes } from "./feature-choice.js";
import { checkFloatKeys } from "./float-keys.js";
import type { KeyColumn } from "./label-keys.js";
import { labelsInvalid } from "./label-rows.js";
import { type Labels, lockedLabels, lockOfLabels, type PreparedLabels, prepareLabels } from "./labels.js";
import { type TrainingData, trainingData } from "./training-data.js";

interface SharedOptions {
  /**
   * If true, reads every data file first and checks its SHA-256. If false, checks only the size. By default, the SHA-256 of a local file is checked
   * once for each process and state of the file. With a lock, the hashes in the metadata are always compared with the lock.
   */
  readonly verify?: boolean | undefined;
  /** Called with each warning. Defaults to `process.emitWarning`. */
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainingDataOptions<
  I extends readonly FeatureInput[] = readonly FeatureInput[],
  L extends Labels = Labels,
  X extends readonly FeatureChoice<I>[] = readonly FeatureChoice<I>[],
  T extends string | undefined = string | undefined,
  Y extends Columns = Columns,
  W extends boolean | undefined = boolean | undefined,
> extends SharedOptions {
  /** The rows to learn from: files by path, URL, or glob, a source, an Arrow table, or objects. */
  readonly labels: L;
  /** The types of some columns of label files, instead of the types found in the files. The rows of the training set then have them in TypeScript too. */
  readonly labelTypes?: Y | undefined;
  /** The label column that says when to predict: a timestamp or date. Required if a feature has a timestamp. */
  readonly timestamp?: (T & CheckedTimestamp<L, T>) | LabelTimes<NoInfer<L>> | undefined;
  readonly features: X & CheckedChoices<I, X, LabelNames<L>>;
  /** If true, a label sees values that became known at exactly its time. Defaults to true. */
  readonly allowExactMatches?: boolean | undefined;
  /**
   * If true, adds `<feature>_timestamp` after the columns of each feature that has a timestamp: the timestamp of the row that the label got, or null
   * if it got none. A prefix of the selection applies. Defaults to false.
   */
  readonly withTimestamps?: W;
  readonly lock?: undefined;
}

export interface LockedTrainingOptions<L extends Labels = Labels> extends SharedOptions {
  readonly lock: TrainingLock;
  /** Other labels than those of the lock, or the same labels if they were passed as values. */
  readonly labels?: L | undefined;
}

/**
 * Combines labels and selected features into a training set. Finds all problems before anything is computed.
 *
 * @throws LABELS_INVALID, VERSION_NOT_FOUND, SCHEMA_MISMATCH, and errors from finding the labels
 */
export async function chooseTrainingSet(
  choices: readonly NamedChoice[],
  options: Omit<TrainingDataOptions, "features">,
  context: BuildContext,
): Promise<TrainingData> {
  const { signal, timestamp, allowExactMatches = true, withTimestamps = false } = options;
  const problems: string[] = [];
  const features: ChosenFeature[] = [];
  for (const choice of choices) {
    const chosen = await chooseFeature(choice, context.store, problems, signal);
    features.push(withTimestamps ? withTimestamp(chosen, choice) : chosen);
  }
  const labels = await prepareLabels(options.labels, context, {
    hints: hintsOf(features, timestamp),
    types: options.labelTypes,
    signal,
  });
  return finish({ labels, timestamp, features, allowExactMatches, problems }, options, context);
}

/** Creates the training set that a lock describes. @throws LOCK_MISMATCH, and the errors of {@link chooseTrainingSet} */
export async function lockedTrainingSet(options: LockedTrainingOptions, context: BuildContext): Promise<TrainingData> {
  const { signal } = options;
  // A lock is stored as JSON, which can have any shape.
  const lock = parseLock(options.lock);
  const features: ChosenFeature[] = [];
  for (const locked of lock.features) features.push(await lockedFeature(locked, context.store, signal));
  if (options.labels === undefined && lock.labels === undefined)
    throw labelsInvalid(["the labels of the lock were passed as values; pass them again together with the lock"]);
  const given = options.labels ?? (lock.labels === undefined ? [] : lockedLabels(lock.labels));
  const labels = await prepareLabels(given, context, {
    hints: hintsOf(features, lock.timestamp),
    lock: lockOfLabels(options.labels, lock),
    signal,
  });
  const { timestamp, allow_exact_matches: allowExactMatches } = lock;
  return finish({ labels, timestamp, features, allowExactMatches, problems: [] }, { ...options, verify: true }, context);
}

interface Chosen {
  readonly labels: PreparedLabels;
  readonly timestamp: string | undefined;
  readonly features: readonly ChosenFeature[];
  readonly allowExactMatches: boolean;
  readonly problems: readonly string[];
}

async function finish(
  { problems, ...chosen }: Chosen,
  { verify, onWarning, signal }: SharedOptions,
  context: BuildContext,
): Promise<TrainingData> {
  const { labels, timestamp, features } = chosen;
  const fits = labels.problems.length > 0 ? labels.problems : trainingProblems(labels.schema, timestamp, features);
  const found = [...problems, ...fits];
  if (found.length > 0) throw labelsInvalid(found);
  await checkFloatKeys(labels, features, context, signal);
  const warnings = trainingWarnings(timestamp, features);
  for (const { message } of warnings) (onWarning ?? emitWarning)(message);
  return trainingData({ ...chosen, warnings, verify, lock: lockOf(chosen) }, context);
}

function emitWarning(message: string): void {
  process.emitWarning(message, { type: "MlforgeWarning" });
}

function lockOf({ labels, timestamp, features, allowExactMatches }: Omit<Chosen, "problems">): TrainingLock {
  return {
    lock_version: 1,
    ...(timestamp === undefined ? {} : { timestamp }),
    allow_exact_matches: allowExactMatches,
    ...(labels.locked === undefined ? {} : { labels: labels.locked }),
    features: features.map(({ metadata, columns, ttl, static: always, keyColumns, derivedKeys }) => ({
      feature: metadata.name,
      version: metadata.version,
      commit_id: metadata.commit_id,
      columns: columns.map(({ name, as }) => ({ name, as })),
      ...(ttl === undefined ? {} : { ttl }),
      static: always,
      ...mappedKeys(keyColumns),
      ...(derivedKeys.length === 0 ? {} : { derived_keys: derivedKeys.map(({ name, from }) => ({ name, from: [...from] })) }),
      files: metadata.files.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
    })),
  };
}

function mappedKeys(keyColumns: readonly KeyColumn[]): { readonly keys?: Record<string, string> } {
  const mapped = keyColumns.filter(({ key, label }) => key !== label);
  return mapped.length === 0 ? {} : { keys: Object.fromEntries(mapped.map(({ key, label }) => [key, label])) };
}

/** Returns the columns to use for labels without rows: the keys of the features, and the timestamp. */
function hintsOf(features: readonly ChosenFeature[], timestamp: string | undefined): readonly NamedColumn[] {
  const columns = features.flatMap(({ metadata, keyColumns }) =>
    keyColumns.flatMap(({ key, label }) =>
      metadata.columns.filter(({ name }) => name === key).map((column) => ({ ...column, name: label })),
    ),
  );
  const keys = [
    ...new Map(columns.map(({ name, kind, precision, scale }) => [name, { name, kind, nullable: true, precision, scale }])).values(),
  ];
  if (timestamp === undefined || keys.some(({ name }) => name === timestamp)) return keys;
  return [...keys, { name: timestamp, kind: "timestamp", nullable: true }];
}
