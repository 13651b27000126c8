import type { MetadataColumn, MetadataRule, VersionMetadata } from "../log/metadata.js";
import { diffLines, type LineDiff } from "./line-diff.js";

/** The parts of a version, or of a version that is about to be built, that are compared. */
export type Described = Pick<VersionMetadata, "columns" | "keys" | "timestamp" | "tags" | "description" | "logic"> & {
  readonly validation?: readonly Rule[] | undefined;
};

type Rule = Pick<MetadataRule, "name" | "rule" | "column" | "severity">;

/** A value that differs between the two. */
export interface Difference<T> {
  readonly from: T;
  readonly to: T;
}

export interface ColumnChanges {
  readonly added: readonly MetadataColumn[];
  readonly removed: readonly MetadataColumn[];
  /** Columns whose type differs, by the names in the metadata: `int64`, `decimal[18,4]`. */
  readonly retyped: readonly (Difference<string> & { readonly name: string })[];
  /** Columns of the same type that can be null in only one of the two. */
  readonly nullable: readonly (Difference<boolean> & { readonly name: string })[];
}

/** Validators by name. The tolerated number of rows is not compared, because metadata stores it as a count, not as the declared share. */
export interface RuleChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Validators whose rule, column, or severity differs. */
  readonly changed: readonly string[];
}

/** All differences between two versions. Equal parts are undefined or empty lists. */
export interface VersionDifferences {
  readonly columns: ColumnChanges;
  readonly keys?: Difference<readonly string[]> | undefined;
  readonly timestamp?: Difference<string | undefined> | undefined;
  readonly tags?: Difference<readonly string[]> | undefined;
  readonly description?: Difference<string | undefined> | undefined;
  readonly validators: RuleChanges;
  /** All lines of the logic of both. Undefined if one of them was published without. */
  readonly logic?: readonly LineDiff[] | undefined;
}

const nothing: Described = { columns: [], keys: [], tags: [], logic: [] };

/** Returns how `to` differs from `from`. If `from` is undefined, everything is new. */
export function differencesBetween(from: Described | undefined, to: Described): VersionDifferences {
  const before = from ?? nothing;
  const logic = before.logic === undefined || to.logic === undefined ? undefined : diffLines(before.logic, to.logic);
  return {
    columns: columnChanges(before.columns, to.columns),
    keys: from === undefined ? undefined : difference(from.keys, to.keys),
    timestamp: from === undefined ? undefined : difference(from.timestamp, to.timestamp),
    tags: from === undefined ? undefined : difference(from.tags, to.tags),
    description: from === undefined ? undefined : difference(from.description, to.description),
    validators: ruleChanges(before.validation ?? [], to.validation ?? []),
    logic,
  };
}

/** Returns true if there are no differences. */
export function isSame({ columns, keys, timestamp, tags, description, validators, logic = [] }: VersionDifferences): boolean {
  const lists = [...Object.values(columns), ...Object.values(validators)];
  const single = [keys, timestamp, tags, description];
  return (
    lists.every(({ length }) => length === 0) && single.every((each) => each === undefined) && logic.every(({ kind }) => kind === "same")
  );
}

function difference<T>(from: T, to: T): Difference<T> | undefined {
  return JSON.stringify(from) === JSON.stringify(to) ? undefined : { from, to };
}

function columnChanges(from: readonly MetadataColumn[], to: readonly MetadataColumn[]): ColumnChanges {
  const before = new Map(from.map((column) => [column.name, column]));
  const after = new Set(to.map(({ name }) => name));
  const both = to.flatMap((column) => {
    const old = before.get(column.name);
    return old === undefined ? [] : [{ name: column.name, old, column }];
  });
  return {
    added: to.filter(({ name }) => !before.has(name)),
    removed: from.filter(({ name }) => !after.has(name)),
    retyped: both
      .filter(({ old, column }) => old.dtype !== column.dtype)
      .map(({ name, old, column }) => ({ name, from: old.dtype, to: column.dtype })),
    nullable: both
      .filter(({ old, column }) => old.dtype === column.dtype && old.nullable !== column.nullable)
      .map(({ name, old, column }) => ({ name, from: old.nullable, to: column.nullable })),
  };
}

function ruleChanges(from: readonly Rule[], to: readonly Rule[]): RuleChanges {
  const before = new Map(from.map((rule) => [rule.name, textOf(rule)]));
  const after = new Set(to.map(({ name }) => name));
  return {
    added: to.filter(({ name }) => !before.has(name)).map(({ name }) => name),
    removed: from.filter(({ name }) => !after.has(name)).map(({ name }) => name),
    changed: to.filter((rule) => before.has(rule.name) && before.get(rule.name) !== textOf(rule)).map(({ name }) => name),
  };
}

function textOf({ rule, column, severity }: Rule): string {
  return JSON.stringify([rule, column, severity]);
}
