import { isOrdered, type Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { DefinitionIssues } from "../define/definition-issues.js";
import { noIdentity } from "../define/no-identity.js";
import { unknownColumn } from "../define/unknown-column.js";

/** Returns the timestamp of rows with these columns: the one that the feature declares, otherwise the timestamp of its source if the rows have it. */
export function timestampOf({ timestamp, source }: AnyFeature, schema: Schema): string | undefined {
  if (timestamp !== undefined) return timestamp ?? undefined;
  return schema.some(({ name }) => name === source.timestamp) ? source.timestamp : undefined;
}

/** Checks that keys and timestamp are columns of the rows, and that the timestamp is of kind timestamp or date. */
export function checkOutput(feature: AnyFeature, schema: Schema, issues: DefinitionIssues): void {
  const names = schema.map(({ name }) => name);
  for (const [index, key] of feature.keys.entries()) {
    const column = schema.find(({ name }) => name === key);
    const at = `${feature.name}.keys[${index}]`;
    if (column === undefined) {
      if (typeof key === "string") issues.add(at, unknownColumn(key, names, "the rows of the feature"));
    } else if (!isOrdered(column)) issues.add(at, `the column "${key}" is ${column.kind} and cannot be a key: ${noIdentity(column.kind)}`);
  }
  const timestamp = timestampOf(feature, schema);
  if (timestamp === undefined) return;
  const path = `${feature.name}.timestamp`;
  const column = schema.find(({ name }) => name === timestamp);
  if (column === undefined) issues.add(path, unknownColumn(timestamp, names, "the rows of the feature"));
  else if (column.kind !== "timestamp" && column.kind !== "date") {
    issues.add(path, `the column "${timestamp}" is ${column.kind}; a timestamp must be of kind timestamp or date`);
  } else if (feature.keys.includes(timestamp)) issues.add(path, `"${timestamp}" is a key and cannot also be the timestamp`);
}
