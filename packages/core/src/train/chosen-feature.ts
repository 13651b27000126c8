import { columnTypeOf, findColumn, type Schema, type Store } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { unknownColumn } from "../define/unknown-column.js";
import { type DataFile, readMetadata, type VersionMetadata } from "../log/metadata.js";
import { resolveVersion } from "../log/versions.js";
import { expectDeclared } from "../read/expect-declared.js";
import { lockMismatch, type TrainingLock } from "../read/lock.js";
import type { FeatureSelection } from "./feature-choice.js";
import { type DerivedKey, type KeyColumn, labelKeys } from "./label-keys.js";

/** A column of a feature, and its name in the training set. */
interface ChosenColumn {
  readonly name: string;
  readonly as: string;
  /** True if `withTimestamps` added it. */
  readonly isAdded?: boolean;
}

/** A feature of a training set: its version, its columns, and its ttl. */
export interface ChosenFeature {
  readonly metadata: VersionMetadata;
  readonly columns: readonly ChosenColumn[];
  /** A duration. Undefined means forever. */
  readonly ttl: string | undefined;
  readonly static: boolean;
  /** The label columns that are compared with its keys. */
  readonly keyColumns: readonly KeyColumn[];
  /** Its keys that are derived from other columns. */
  readonly derivedKeys: readonly DerivedKey[];
}

/** Returns the columns that a feature adds to labels. Each can be null, since an entity can be unknown. */
export function addedColumns({ metadata, columns }: Pick<ChosenFeature, "metadata" | "columns">): Schema {
  return columns.map(({ name, as }) => {
    const column = findColumn(name, metadata.columns, `${metadata.name} ${metadata.version}`);
    return { name: as, ...columnTypeOf(column), nullable: true };
  });
}

/** A choice as the caller passed it, with the definition it names. */
export interface NamedChoice extends Omit<FeatureSelection, "feature"> {
  readonly feature: AnyFeature;
}

/**
 * Resolves the version and the columns of a choice. Adds problems with the columns to `problems`.
 *
 * @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID; SCHEMA_MISMATCH if the latest version does not match the definition that determines
 * its types
 */
export async function chooseFeature(choice: NamedChoice, store: Store, problems: string[], signal?: AbortSignal): Promise<ChosenFeature> {
  const { feature, version = "latest", columns, keys = {}, rename = {}, prefix = "" } = choice;
  const metadata = await resolveVersion(store, feature.name, version, signal);
  const values = metadata.columns.map(({ name }) => name).filter((name) => !metadata.keys.includes(name));
  const taken = columns ?? values.filter((name) => name !== metadata.timestamp);
  if (choice.version === undefined) {
    const read = metadata.columns.filter(({ name }) => taken.includes(name));
    expectDeclared(feature, { version: metadata.version, columns: columns === undefined ? metadata.columns : read }, columns === undefined);
  }
  const where = `feature "${feature.name}" ${metadata.version}`;
  const fitting = taken.filter((name, index) => {
    if (metadata.keys.includes(name)) problems.push(`"${name}" is a key of ${where}, which the labels already have`);
    else if (!values.includes(name)) problems.push(unknownColumn(name, values, where));
    else if (taken.indexOf(name) < index) problems.push(`column "${name}" of ${where} is selected twice`);
    else return true;
    return false;
  });
  for (const name of Object.keys(rename)) if (!taken.includes(name)) problems.push(`rename: ${unknownColumn(name, taken, where)}`);
  const chosen = fitting.map((name) => ({ name, as: (Object.hasOwn(rename, name) ? rename[name] : undefined) ?? `${prefix}${name}` }));
  const labels = labelKeys(feature, metadata.keys, keys, problems);
  return { metadata, columns: chosen, ttl: feature.ttl, static: feature.static, ...labels };
}

/** Adds the timestamp of the matched row to the columns of a feature that has one. */
export function withTimestamp(chosen: ChosenFeature, { prefix = "" }: Pick<NamedChoice, "prefix">): ChosenFeature {
  const { name: feature, timestamp } = chosen.metadata;
  if (timestamp === undefined) return chosen;
  return { ...chosen, columns: [...chosen.columns, { name: timestamp, as: `${prefix}${feature}_timestamp`, isAdded: true }] };
}

/** Returns the feature that a lock names, after comparing it with the lock. @throws LOCK_MISMATCH */
export async function lockedFeature(locked: TrainingLock["features"][number], store: Store, signal?: AbortSignal): Promise<ChosenFeature> {
  const { feature, version, columns } = locked;
  const where = `${feature} ${version}`;
  const advice = "restore the version, or build without the lock";
  const metadata = await readMetadata(store, feature, version, signal);
  if (metadata === undefined) throw lockMismatch(where, "is not in the store", ["this version is not published"], advice);
  const problems = filesChanged(metadata.files, locked.files);
  if (metadata.commit_id !== locked.commit_id) problems.push(`its commit is ${metadata.commit_id} instead of ${locked.commit_id}`);
  if (problems.length > 0) throw lockMismatch(where, "does not match the lock", problems, advice);
  for (const { name } of columns) findColumn(name, metadata.columns, where);
  const { keys = {}, derived_keys: derivedKeys = [] } = locked;
  const keyColumns = metadata.keys.map((key) => ({ key, label: (Object.hasOwn(keys, key) ? keys[key] : undefined) ?? key }));
  return { metadata, columns, ttl: locked.ttl, static: locked.static, keyColumns, derivedKeys };
}

function filesChanged(found: readonly DataFile[], locked: readonly DataFile[]): string[] {
  return locked.flatMap(({ path, sha256 }) => {
    const file = found.find((candidate) => candidate.path === path);
    if (file === undefined) return [`it has no file ${path}`];
    return file.sha256 === sha256 ? [] : [`the SHA-256 of ${path} is ${file.sha256} instead of ${sha256}`];
  });
}
