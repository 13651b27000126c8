import { type Columns, column, type Expression, findColumn, type NamedColumn, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import { encodeConstant } from "../define/constant.js";
import { parseDuration } from "../define/duration.js";
import type { FeatureInput } from "../define/features-of.js";
import { freshName } from "../define/fresh-name.js";
import { microsecondsText } from "../read/microseconds-text.js";
import { expectReadable } from "../read/read-feature.js";
import { type RowOptions, type RowValue, rowsOf } from "../read/rows.js";
import { versionScan } from "../read/version-scan.js";
import type { BuildContext } from "../sources/context.js";
import { requireEngine } from "../sources/require-engine.js";
import { openTemporary } from "../sources/staging.js";
import { comparableKind, trainingProblems } from "./check-training.js";
import { addedColumns, type ChosenFeature, chooseFeature, type NamedChoice } from "./chosen-feature.js";
import type { FeatureChoice } from "./feature-choice.js";
import { keysToMake, withKeys } from "./label-keys.js";
import { type LabelRow, labelsInvalid } from "./label-rows.js";
import { type Labels, prepareLabels } from "./labels.js";

export interface ExplainOptions<I extends readonly FeatureInput[] = readonly FeatureInput[]> {
  /** The label. Pass either this, or `labels` and `index`. */
  readonly row?: LabelRow | undefined;
  readonly labels?: Labels | undefined;
  /** Same as in `getTrainingData`. */
  readonly labelTypes?: Columns | undefined;
  /** The index of the label, from 0. */
  readonly index?: number | undefined;
  /** Same as in `getTrainingData`. */
  readonly timestamp?: string | undefined;
  readonly features: readonly FeatureChoice<I>[];
  readonly allowExactMatches?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A row of a feature, and when it became known: ISO 8601 in UTC, with microseconds. */
export interface KnownRow {
  readonly knownAt: string | undefined;
  /** The values by their names in the training set. An int64 is a bigint, and timestamps are microseconds. */
  readonly values: Readonly<Record<string, RowValue>>;
}

/** Explains why a label has its values of one feature. */
export interface FeatureExplanation {
  readonly feature: string;
  readonly version: string;
  /** The versions of other features that this version was computed from. */
  readonly inputs: readonly { readonly feature: string; readonly version: string }[];
  /** The keys of the label, by label column. */
  readonly keys: Readonly<Record<string, RowValue>>;
  /** The columns of the values, by their names in the training set. */
  readonly columns: Schema;
  /**
   * `found`, or the reason why there are no values: `no_rows` has no rows for these keys, with `too_late` all of them became known later, with
   * `too_old` the newest is older than the ttl, and with `null_key` or `null_timestamp` the label has a null.
   */
  readonly outcome: "found" | "no_rows" | "too_late" | "too_old" | "null_key" | "null_timestamp";
  /** The newest row that was known at the time of the label, even if it is too old. */
  readonly newest: KnownRow | undefined;
  /** The number of rows with these keys that became known before it. */
  readonly earlier: number;
  /** The rows with these keys that became known too late: their number, and the first three. */
  readonly later: { readonly count: number; readonly first: readonly KnownRow[] };
}

export interface RowExplanation {
  /** The columns of the label, including derived keys. */
  readonly columns: Schema;
  readonly row: Readonly<Record<string, RowValue>>;
  /** The timestamp of the label: ISO 8601 in UTC, with microseconds. */
  readonly at: string | undefined;
  readonly features: readonly FeatureExplanation[];
}

const exact: RowOptions = { int64: "bigint", timestamp: "microseconds" };
const shownLater = 3;

/** Explains where the values of one label come from. @throws LABELS_INVALID, VERSION_NOT_FOUND */
export async function explainRow(
  choices: readonly NamedChoice[],
  options: Omit<ExplainOptions, "features">,
  context: BuildContext,
): Promise<RowExplanation> {
  const { signal, timestamp, allowExactMatches = true } = options;
  const problems: string[] = [];
  const chosen: ChosenFeature[] = [];
  for (const choice of choices) chosen.push(await chooseFeature(choice, context.store, problems, signal));
  const { schema, row } = await findRow(options, context, (labels, found) => {
    problems.push(...trainingProblems(found, timestamp, chosen));
    if (problems.length > 0) throw labelsInvalid(problems);
    return withKeys(labels, keysToMake(found, chosen));
  });
  const label = { row, schema, at: timestamp === undefined ? undefined : microsecondsOf(row[timestamp] ?? null), allowExactMatches };
  const features: FeatureExplanation[] = [];
  for (const feature of chosen) features.push(await explainFeature(feature, { ...label, timed: timestamp !== undefined }, context, signal));
  return { columns: schema, row, at: typeof label.at === "bigint" ? microsecondsText(label.at) : undefined, features };
}

interface FoundLabel {
  readonly schema: Schema;
  readonly row: Readonly<Record<string, RowValue>>;
}

/** Finds the label as the engine reads it, with the columns that `check` adds. */
async function findRow(
  { row, labels, labelTypes: types, index, signal }: Omit<ExplainOptions, "features">,
  context: BuildContext,
  check: (labels: Plan, schema: Schema) => Plan,
): Promise<FoundLabel> {
  if ((row === undefined) === (labels === undefined || index === undefined))
    throw labelsInvalid(["pass either a row, or labels and an index"]);
  if (index !== undefined && (!Number.isSafeInteger(index) || index < 0))
    throw labelsInvalid([`label index ${index} must be a non-negative integer`]);
  const prepared = await prepareLabels(row === undefined ? (labels ?? []) : [row], context, { hints: [], types, signal });
  if (prepared.problems.length > 0) throw labelsInvalid(prepared.problems);
  await using folder = await openTemporary();
  const rows = check(await prepared.open(folder.path, signal), prepared.schema);
  const schema = schemaOf(rows);
  const number = freshName(schema.map(({ name }) => name));
  const plan: Plan = {
    op: "filter",
    input: { op: "numberRows", input: rows, column: number },
    condition: equal({ name: number, kind: "int64", nullable: false }, index ?? 0),
  };
  for await (const batch of requireEngine(context, "explaining a label needs").run(plan, { signal })) {
    for (const found of rowsOf(batch, schema, exact)) return { schema, row: found };
  }
  throw labelsInvalid([`label index ${index} is out of range: the labels have fewer rows`]);
}

interface Label extends FoundLabel {
  readonly at: bigint | null | undefined;
  readonly timed: boolean;
  readonly allowExactMatches: boolean;
}

/** Reads the rows of one entity in the order in which they became known. Keeps only a few. */
async function explainFeature(
  chosen: ChosenFeature,
  label: Label,
  context: BuildContext,
  signal?: AbortSignal,
): Promise<FeatureExplanation> {
  const { metadata, ttl } = chosen;
  const keys = Object.fromEntries(chosen.keyColumns.map(({ label: name }) => [name, label.row[name] ?? null]));
  const sought = chosen.keyColumns.map(({ key, label: name }) => keyOf(findColumn(key, metadata.columns), label.row[name] ?? null));
  const columns = addedColumns(chosen);
  const { name: feature, version } = metadata;
  const inputs = (metadata.inputs ?? []).map((input) => ({ feature: input.feature, version: input.version }));
  const nothing = { feature, version, inputs, keys, columns, newest: undefined, earlier: 0, later: { count: 0, first: [] } };
  if (sought.includes(null)) return { ...nothing, outcome: "null_key" };
  if (label.timed && metadata.timestamp !== undefined && label.at === null) return { ...nothing, outcome: "null_timestamp" };
  await expectReadable(context, metadata, { signal });
  const { plan, schema, known } = rowsOfEntity(chosen, columns, sought, context);
  let newest: KnownRow | undefined;
  let newestAt: bigint | undefined;
  let seen = 0;
  let count = 0;
  const first: KnownRow[] = [];
  for await (const batch of requireEngine(context, "explaining a label needs").run(plan, { signal })) {
    for (const { [known]: at, ...values } of rowsOf(batch, schema, exact)) {
      const timestamp = typeof at === "bigint" ? at : undefined;
      const found: KnownRow = { knownAt: timestamp === undefined ? undefined : microsecondsText(timestamp), values };
      if (isKnown(timestamp, label)) {
        seen++;
        newest = found;
        newestAt = timestamp;
      } else {
        count++;
        if (first.length < shownLater) first.push(found);
      }
    }
  }
  const tooOld = ttl !== undefined && typeof label.at === "bigint" && newestAt !== undefined && label.at - newestAt >= parseDuration(ttl);
  const missing = count === 0 ? "no_rows" : "too_late";
  const outcome = newest === undefined ? missing : tooOld ? "too_old" : "found";
  return { ...nothing, outcome, newest, earlier: Math.max(0, seen - 1), later: { count, first } };
}

/** Converts a key to the type of the feature's key: a float becomes an integer. @throws LABELS_INVALID */
function keyOf(key: NamedColumn, value: RowValue): RowValue {
  if (typeof value !== "number" || (key.kind !== "int32" && key.kind !== "int64")) return value;
  if (Number.isNaN(value)) return null;
  if (Number.isSafeInteger(value)) return value;
  throw labelsInvalid([`a key of the label is ${value}, but the key "${key.name}" of the feature is an integer`]);
}

function isKnown(timestamp: bigint | undefined, { at, allowExactMatches }: Label): boolean {
  if (timestamp === undefined || typeof at !== "bigint") return true;
  return allowExactMatches ? timestamp <= at : timestamp < at;
}

interface EntityRows {
  readonly plan: Plan;
  readonly schema: Schema;
  /** The name of the column that says when a row became known. */
  readonly known: string;
}

function rowsOfEntity(
  { metadata, columns }: ChosenFeature,
  outputs: Schema,
  keys: readonly RowValue[],
  { store }: BuildContext,
): EntityRows {
  const { timestamp } = metadata;
  const known = freshName(columns.map(({ as }) => as));
  const times = timestamp === undefined ? [] : [timestamp];
  const scan = versionScan(store, metadata, [...metadata.keys, ...columns.map(({ name }) => name), ...times]);
  const conditions = metadata.keys.map((key, index) => equal(findColumn(key, metadata.columns), keys[index] ?? null));
  const [condition = equal({ name: "", kind: "boolean", nullable: false }, true), ...others] = conditions;
  const input: Plan = { op: "filter", input: scan, condition: others.reduce<Expression>((all, each) => both(all, each), condition) };
  const values = columns.map(({ name, as }) => ({ name: as, value: column(name) }));
  const timestamps = times.map((name) => ({
    name: known,
    value: { expr: "cast", value: column(name), to: { kind: "timestamp" } } as const,
  }));
  const schema = [...outputs, ...times.map((): NamedColumn => ({ name: known, kind: "timestamp", nullable: false }))];
  const project: Plan = { op: "project", input, columns: [...values, ...timestamps] };
  return { plan: { op: "sort", input: project, by: times.map(() => known) }, schema, known };
}

function equal(key: NamedColumn, value: RowValue): Expression {
  const kind = comparableKind(key);
  const left: Expression = column(key.name);
  const constant =
    kind === "timestamp" && typeof value === "bigint" ? { expr: "literal" as const, kind, value: microsecondsText(value) } : undefined;
  return { expr: "call", function: "equal", arguments: [left, constant ?? encodeConstant(value, kind)] };
}

function both(left: Expression, right: Expression): Expression {
  return { expr: "call", function: "and", arguments: [left, right] };
}

function microsecondsOf(value: RowValue): bigint | null {
  if (typeof value === "bigint") return value;
  return value instanceof Date ? BigInt(value.getTime()) * 1000n : null;
}
