import { call, column, type Expression, findColumn, type NamedColumn, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import { rowsOf } from "../read/rows.js";
import type { BuildContext } from "../sources/context.js";
import { requireEngine } from "../sources/require-engine.js";
import { openTemporary } from "../sources/staging.js";
import type { ChosenFeature } from "./chosen-feature.js";
import { labelsInvalid } from "./label-rows.js";
import type { PreparedLabels } from "./labels.js";

/** The largest integer up to which every integer is a float. */
const maxExact = 2 ** 53;

/** Returns true if a float column of the labels is compared with an integer key. pandas converts integers to floats if some are missing. */
export function isFloatKey(label: NamedColumn, key: NamedColumn): boolean {
  return isFloat(label) && (key.kind === "int32" || key.kind === "int64");
}

/** Converts a float to an integer, and NaN to null, which is how pandas represents a missing value. Other floats must have been refused. */
export function wholeNumber(name: string): Expression {
  const notANumber: Expression = { expr: "literal", kind: "float64", value: "NaN" };
  return { expr: "cast", value: call("nullIf", column(name), notANumber), to: { kind: "int64" } };
}

/** Checks that the float keys of labels are integers up to 2^53. @throws LABELS_INVALID with the first other value */
export async function checkFloatKeys(
  labels: PreparedLabels,
  features: readonly ChosenFeature[],
  context: BuildContext,
  signal?: AbortSignal,
): Promise<void> {
  const names = floatKeys(labels.schema, features);
  if (names.length === 0) return;
  await using folder = await openTemporary();
  const input = await labels.open(folder.path, signal);
  const problems: string[] = [];
  for (const name of names) {
    const value = await firstBroken(input, name, context, signal);
    if (value === undefined) continue;
    problems.push(
      `the key "${name}" of the labels has the value ${value}, but the key of the feature is an integer; correct the value, or cast the column`,
    );
  }
  if (problems.length > 0) throw labelsInvalid(problems);
}

function floatKeys(labels: Schema, features: readonly ChosenFeature[]): readonly string[] {
  const names = features.flatMap(({ metadata, keyColumns }) =>
    keyColumns.flatMap(({ key, label }) => {
      const found = labels.find(({ name }) => name === label);
      return found !== undefined && isFloatKey(found, findColumn(key, metadata.columns)) ? [label] : [];
    }),
  );
  return [...new Set(names)];
}

async function firstBroken(labels: Plan, name: string, context: BuildContext, signal?: AbortSignal): Promise<number | undefined> {
  const value = column(name);
  const limit: Expression = { expr: "literal", kind: "float64", value: String(maxExact) };
  const isBroken = call(
    "and",
    call("not", call("isNaN", value)),
    call("or", call("notEqual", call("floor", value), value), call("greater", call("absolute", value), limit)),
  );
  const rows: Plan = { op: "limit", count: 1, input: { op: "filter", input: labels, condition: isBroken } };
  const plan: Plan = { op: "project", input: rows, columns: [{ name, value }] };
  for await (const batch of requireEngine(context, "checking the keys of labels needs").run(plan, { signal })) {
    for (const row of rowsOf(batch, schemaOf(plan))) return Number(row[name]);
  }
  return undefined;
}

function isFloat({ kind }: NamedColumn): boolean {
  return kind === "float32" || kind === "float64";
}
