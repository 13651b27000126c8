import type { VersionMetadata } from "./metadata.js";
import type { Bump } from "./version.js";

/** How a version differs from the version before it. */
export interface Change {
  readonly bump: Bump;
  /** A stable word, stored in the metadata. */
  readonly reason:
    | "first_build"
    | "columns_removed"
    | "dtype_changed"
    | "keys_changed"
    | "timestamp_changed"
    | "columns_added"
    | "logic_changed"
    | "data_refresh"
    | "forced"
    | "explicit_version";
  /** The names of the columns concerned, or what changed. A major change then lists each added column as `added: ` and its name. */
  readonly details: readonly string[];
}

/** The parts of a version that determine how it differs from another. */
export type Comparable = Pick<VersionMetadata, "columns" | "keys" | "timestamp" | "plan_fingerprint" | "source_fingerprint" | "inputs">;

/**
 * Returns how `next` differs from `previous`, or undefined if they are equal. The largest difference decides.
 *
 * Major: a column was removed or its type changed, or the keys or the timestamp changed. Minor: a column was added, or the logic changed. Patch: the
 * source data changed. A rename is a removal and an addition, so it is major.
 */
export function changeBetween(previous: Comparable | undefined, next: Comparable): Change | undefined {
  if (previous === undefined) return { bump: "initial", reason: "first_build", details: [] };
  return breakingChange(previous, next) ?? compatibleChange(previous, next);
}

function breakingChange(previous: Comparable, next: Comparable): Change | undefined {
  const change = firstBreak(previous, next);
  return change === undefined
    ? undefined
    : { ...change, details: [...change.details, ...addedColumns(previous, next).map((name) => `added: ${name}`)] };
}

function firstBreak(previous: Comparable, next: Comparable): Change | undefined {
  const types = new Map(next.columns.map((column) => [column.name, column.dtype]));
  const removed = previous.columns.filter((column) => !types.has(column.name)).map((column) => column.name);
  if (removed.length > 0) return { bump: "major", reason: "columns_removed", details: removed };
  const retyped = previous.columns.filter((column) => types.get(column.name) !== column.dtype);
  if (retyped.length > 0) {
    return {
      bump: "major",
      reason: "dtype_changed",
      details: retyped.map((column) => `${column.name}: ${column.dtype} to ${types.get(column.name)}`),
    };
  }
  if (JSON.stringify(previous.keys) !== JSON.stringify(next.keys)) {
    return { bump: "major", reason: "keys_changed", details: [`${previous.keys.join(", ")} to ${next.keys.join(", ")}`] };
  }
  if (previous.timestamp !== next.timestamp) {
    return { bump: "major", reason: "timestamp_changed", details: [`${previous.timestamp ?? "none"} to ${next.timestamp ?? "none"}`] };
  }
  return undefined;
}

function compatibleChange(previous: Comparable, next: Comparable): Change | undefined {
  const added = addedColumns(previous, next);
  if (added.length > 0) return { bump: "minor", reason: "columns_added", details: added };
  if (previous.plan_fingerprint !== next.plan_fingerprint) return { bump: "minor", reason: "logic_changed", details: [] };
  if (previous.source_fingerprint !== next.source_fingerprint)
    return { bump: "patch", reason: "data_refresh", details: changedInputs(previous, next) };
  return undefined;
}

function addedColumns(previous: Comparable, next: Comparable): string[] {
  const before = new Set(previous.columns.map((column) => column.name));
  return next.columns.filter((column) => !before.has(column.name)).map((column) => column.name);
}

/** Returns the features whose versions differ, with both versions. */
function changedInputs({ inputs: before = [] }: Comparable, { inputs = [] }: Comparable): string[] {
  const versions = new Map(before.map(({ feature, version }) => [feature, version]));
  return inputs
    .filter(({ feature, version }) => versions.get(feature) !== version)
    .map(({ feature, version }) => `${feature} ${versions.get(feature) ?? "none"} to ${version}`);
}

/** The maximum number of names in an explanation, and its maximum length. A pointer holds the explanations of 1,000 moves. */
const maxNamed = 10;
const maxListed = 500;

/** Describes a change for people. The details contain all names. */
export function explainChange({ reason, details }: Change): string {
  const list = briefly(details);
  switch (reason) {
    case "first_build":
      return "first build";
    case "columns_removed":
      return `columns removed: ${list}`;
    case "dtype_changed":
      return `column types changed: ${list}`;
    case "keys_changed":
      return `keys changed: ${list}`;
    case "timestamp_changed":
      return `timestamp changed: ${list}`;
    case "columns_added":
      return `columns added: ${list}`;
    case "logic_changed":
      return "the definition changed, but its columns did not";
    case "data_refresh":
      return details.length === 0 ? "the source data changed" : `the source data changed: ${list}`;
    case "forced":
      return "nothing changed; the build was forced";
    case "explicit_version":
      return "an explicit version was requested";
  }
}

function briefly(names: readonly string[]): string {
  let list = "";
  for (const [index, name] of names.entries()) {
    const longer = index === 0 ? name : `${list}, ${name}`;
    if (index === maxNamed || longer.length > maxListed)
      return index === 0 ? `${name.slice(0, maxListed)}...` : `${list} and ${names.length - index} more`;
    list = longer;
  }
  return list;
}
