import type { NamedColumn, Schema } from "@mlforge/spec";
import { unknownColumn } from "../define/unknown-column.js";
import type { ChosenFeature } from "./chosen-feature.js";
import { isFloatKey } from "./float-keys.js";
import type { DerivedKey } from "./label-keys.js";

/** A reason why a training set may contain future values or other mistakes. */
export interface TrainingWarning {
  readonly feature: string;
  readonly message: string;
}

/** Returns all problems of joining features to labels with these columns. */
export function trainingProblems(labels: Schema, timestamp: string | undefined, features: readonly ChosenFeature[]): readonly string[] {
  return [
    ...labelProblems(labels),
    ...timestampProblems(labels, timestamp),
    ...features.flatMap((feature) => joinProblems(labels, timestamp, feature)),
    ...nameProblems(labels, features),
  ];
}

/** Returns the warnings about features. A feature without a timestamp has its final values, which can be from after an earlier label. */
export function trainingWarnings(timestamp: string | undefined, features: readonly ChosenFeature[]): readonly TrainingWarning[] {
  if (timestamp === undefined) return [];
  return features
    .filter(({ metadata, static: always }) => metadata.timestamp === undefined && !always)
    .map(({ metadata: { name } }) => ({
      feature: name,
      message: `feature "${name}" has no timestamp, so its values can be from after the labels; give it a timestamp, or declare it static: true if its values are valid at any time`,
    }));
}

/** Returns the problems of the column names of labels. */
function labelProblems(labels: Schema): readonly string[] {
  if (labels.length === 0) return ["the labels have no columns; add columns or rows"];
  const seen = new Map<string, string>();
  return labels.flatMap(({ name }) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (name === "") return ["a column of the labels has no name"];
    if (other === undefined) return [];
    const how = other === name ? `have two columns "${name}"` : `have columns "${other}" and "${name}", which differ only in case`;
    return [`the labels ${how}; rename one of them`];
  });
}

function timestampProblems(labels: Schema, timestamp: string | undefined): readonly string[] {
  if (timestamp === undefined) return [];
  const column = labels.find(({ name }) => name === timestamp);
  if (column === undefined) return [`the timestamp: ${missing(timestamp, labels)}`];
  if (column.kind === "timestamp" || column.kind === "date") return [];
  return [`the timestamp "${timestamp}" of the labels is ${column.kind}; pass Dates, or a source(...) that declares it as t.timestamp()`];
}

function joinProblems(
  labels: Schema,
  timestamp: string | undefined,
  { metadata, keyColumns, derivedKeys }: ChosenFeature,
): readonly string[] {
  const problems = keyColumns.flatMap(({ key, label: name }) => {
    const label = labels.find((column) => column.name === name);
    const made = derivedKeys.find((each) => each.name === name);
    if (label === undefined && made !== undefined) return madeKeyProblems(labels, made);
    const column = metadata.columns.find((each) => each.name === key);
    const what = name === key ? `a key of feature "${metadata.name}"` : `the key "${key}" of feature "${metadata.name}"`;
    if (label === undefined) return [`${what}: ${missing(name, labels)}`];
    if (column === undefined || comparableKind(label) === comparableKind(column) || isFloatKey(label, column)) return [];
    const shown = name === key ? `the key "${key}"` : `"${name}", the key "${key}",`;
    return [`${shown} is ${label.kind} in the labels and ${column.kind} in feature "${metadata.name}"; cast one of them`];
  });
  if (timestamp === undefined && metadata.timestamp !== undefined) {
    problems.push(`feature "${metadata.name}" has a timestamp; pass timestamp with the label column that says when to predict`);
  }
  return problems;
}

function madeKeyProblems(labels: Schema, { name: key, from }: DerivedKey): readonly string[] {
  return from.flatMap(({ name, kind }) => {
    const label = labels.find((column) => column.name === name);
    if (label === undefined) return [`for the derived key "${key}": ${missing(name, labels)}`];
    if (kind === undefined || comparableKind(label) === comparableKind({ ...label, kind })) return [];
    return [`"${name}" is ${label.kind} in the labels, but the key "${key}" is derived from ${kind}; cast it`];
  });
}

/** Returns the kind in which keys are compared: int64 for integers of both widths. */
export function comparableKind({ kind }: NamedColumn): NamedColumn["kind"] {
  return kind === "int32" ? "int64" : kind;
}

function nameProblems(labels: Schema, features: readonly ChosenFeature[]): readonly string[] {
  const owners = new Map(labels.map(({ name }) => [name.toLowerCase(), "the labels"]));
  return features.flatMap(({ metadata, columns }) => {
    const here = `feature "${metadata.name}"`;
    const clashes = new Map<string, string[]>();
    const problems: string[] = [];
    for (const { as, isAdded } of columns) {
      const folded = as.toLowerCase();
      const owner = owners.get(folded);
      // A prefix would not tell these two apart, since it applies to both.
      const own = isAdded === true ? columns.find((column) => column.isAdded !== true && column.as.toLowerCase() === folded) : undefined;
      if (as === "") problems.push(`a column of ${here} is renamed to an empty name`);
      else if (own !== undefined) problems.push(ownColumnProblem(metadata.name, own, as));
      else if (owner === undefined) owners.set(folded, here);
      else clashes.set(owner, [...(clashes.get(owner) ?? []), as]);
    }
    for (const [owner, names] of clashes) {
      const what = `${names.length === 1 ? "a column" : "columns"} ${names.map((name) => `"${name}"`).join(", ")}`;
      const both = owner === here ? `${here} repeats` : `${owner} and ${here} both have`;
      problems.push(`${both} ${what}; rename them, for example { feature: "${metadata.name}", prefix: "${metadata.name}_" }`);
    }
    return problems;
  });
}

function ownColumnProblem(feature: string, { name, as }: ChosenFeature["columns"][number], added: string): string {
  const renamed = `rename: { ${JSON.stringify(name)}: "other_${name}" }`;
  return `feature "${feature}" has a column "${as}", but withTimestamps adds "${added}"; rename it, for example { feature: "${feature}", ${renamed} }`;
}

function missing(name: string, labels: Schema): string {
  return unknownColumn(
    name,
    labels.map((column) => column.name),
    "the labels",
  );
}
