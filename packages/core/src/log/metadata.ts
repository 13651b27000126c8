import {
  type Column,
  columnTypeOf,
  elementOf,
  fieldsOf,
  isNested,
  MlforgeError,
  type NamedColumn,
  type RuleResult,
  type RuleSeverity,
  type Store,
  vectorOf,
} from "@mlforge/spec";
import * as v from "valibot";
import { layoutVersion, readDocument } from "./document.js";
import { isFileName } from "./file-name.js";
import { metadataKey } from "./keys.js";
import { isComplete, typeEntries } from "./stored-type.js";
import { type Bump, bumps, isVersion } from "./version.js";

/**
 * The content of `.meta.json`, which describes a version.
 *
 * The names above `layout_version` are those of mlforge for Python 0.7, which can read it. The other names are ours.
 */
export interface VersionMetadata {
  readonly name: string;
  readonly version: string;
  /** The key of the data file, or of the folder of part files, from the root of the store. */
  readonly path: string;
  /** The first key. */
  readonly entity: string;
  readonly keys: readonly string[];
  /** The declared paths of the sources, separated by commas. */
  readonly source: string;
  readonly row_count: number;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  readonly updated_at: string;
  /** The first 12 hex digits of a SHA-256, like all four hashes. This one is of the data file. */
  readonly content_hash: string;
  readonly schema_hash: string;
  readonly config_hash: string;
  readonly source_hash: string;
  readonly timestamp?: string | undefined;
  readonly columns: readonly MetadataColumn[];
  readonly tags: readonly string[];
  readonly description?: string | undefined;
  readonly change_summary: { readonly bump_type: Bump; readonly reason: string; readonly details: readonly string[] };
  readonly layout_version: number;
  /** Unique to the build that published this version. */
  readonly commit_id: string;
  readonly mlforge_version: string;
  /** The version that was latest when this one was built. */
  readonly parent_version?: string | undefined;
  /** How it was computed, for people, with one line for each thing that can change. */
  readonly logic?: readonly string[] | undefined;
  /** SHA-256 of the plan with its columns, keys, and timestamp. */
  readonly plan_fingerprint: string;
  /** SHA-256 over the contents of the source files. */
  readonly source_fingerprint: string;
  readonly engine: { readonly name: string; readonly version: string };
  /** All data files of the version. Paths are relative to the folder of the version. */
  readonly files: readonly DataFile[];
  /** The calendar periods that it is divided into. Undefined if it is not divided. */
  readonly partition?: "day" | "week" | "month" | "year" | undefined;
  /** Every period that could have rows, in order. Undefined if it is not divided. */
  readonly periods?: readonly MetadataPeriod[] | undefined;
  /** The results of the validators. Undefined if the feature had none. */
  readonly validation?: readonly MetadataRule[] | undefined;
  /** The steps that the definition declared independent of time, with the reasons it gave. */
  readonly timeless?: readonly { readonly step: string; readonly reason: string }[] | undefined;
  /** True if the definition declared that equal inputs can give other rows. */
  readonly volatile?: boolean | undefined;
  /** The versions of other features that it was computed from, by feature name. Undefined if it read only sources. */
  readonly inputs?: readonly MetadataInput[] | undefined;
}

/** A calendar period of a version, in UTC. */
export interface MetadataPeriod {
  /** `2024`, `2024-02`, `2024-W05`, or `2024-02-29`. */
  readonly period: string;
  /** SHA-256 of the definition and of everything in the sources that can affect its rows. */
  readonly key: string;
  readonly rows: number;
  /** The file with its rows. Undefined if it has none. */
  readonly path?: string | undefined;
}

/** The version of another feature that a version was computed from. The version may have been pruned since. */
export interface MetadataInput {
  readonly feature: string;
  readonly version: string;
  readonly commit_id: string;
  /** The content hash in the metadata of that version. */
  readonly content_hash: string;
}

/** A {@link RuleResult} without its rows: metadata is committed to Git, and data must not be. */
export interface MetadataRule {
  readonly name: string;
  readonly rule: string;
  readonly column?: string | undefined;
  readonly severity: RuleSeverity;
  readonly rows: number;
  readonly failed: number;
  readonly tolerated: number;
  readonly passed: boolean;
}

export interface MetadataColumn extends NamedColumn {
  /** `int64`, `datetime[UTC]`, `decimal[18,4]`, `list[int64]`: the type names of mlforge for Python. */
  readonly dtype: string;
}

export interface DataFile {
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  readonly sha256: string;
  /** The etag that the store gave this file when it was published. It is meaningless in another store, and in a working tree. */
  readonly etag?: string | undefined;
}

const text = v.string();
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const version = v.pipe(text, v.check(isVersion, "is not X.Y.Z"));
const sha256 = v.pipe(text, v.regex(/^[0-9a-f]{64}$/, "is not a SHA-256"));
const fileName = v.pipe(text, v.check(isFileName, "is not a file name"));

/** The schema of `.meta.json`. */
export const metadataSchema: v.GenericSchema<unknown, VersionMetadata> = v.pipe(
  v.object({
    name: text,
    version,
    path: text,
    entity: text,
    keys: v.pipe(v.array(text), v.minLength(1)),
    source: text,
    row_count: count,
    created_at: text,
    updated_at: text,
    content_hash: text,
    schema_hash: text,
    config_hash: text,
    source_hash: text,
    timestamp: v.optional(text),
    columns: v.array(
      v.pipe(
        v.object({ name: text, dtype: text, ...typeEntries }),
        v.check((type) => isComplete(type), "is incomplete for its kind"),
      ),
    ),
    tags: v.optional(v.array(text), []),
    description: v.optional(text),
    change_summary: v.object({ bump_type: v.picklist(bumps), reason: text, details: v.array(text) }),
    layout_version: v.picklist([1, layoutVersion]),
    commit_id: text,
    mlforge_version: text,
    parent_version: v.optional(version),
    logic: v.optional(v.array(text)),
    plan_fingerprint: sha256,
    source_fingerprint: sha256,
    engine: v.object({ name: text, version: text }),
    files: v.pipe(v.array(v.object({ path: fileName, size: count, sha256, etag: v.optional(text) })), v.minLength(1)),
    partition: v.optional(v.picklist(["day", "week", "month", "year"])),
    periods: v.optional(v.array(v.object({ period: text, key: sha256, rows: count, path: v.optional(fileName) }))),
    validation: v.optional(
      v.array(
        v.object({
          name: text,
          rule: text,
          column: v.optional(text),
          severity: v.picklist(["error", "warn"]),
          rows: count,
          failed: count,
          tolerated: count,
          passed: v.boolean(),
        }),
      ),
    ),
    timeless: v.optional(v.array(v.object({ step: text, reason: text }))),
    inputs: v.optional(v.array(v.object({ feature: text, version, commit_id: text, content_hash: text }))),
    volatile: v.optional(v.boolean()),
  }),
  v.check((version) => hasItsPeriods(version), "its periods do not match its layout, files, or rows"),
);

/** Returns true if a version with periods has exactly the files and rows of its periods. A version without rows has one empty file. */
function hasItsPeriods({ layout_version, partition, periods, files, row_count }: VersionMetadata): boolean {
  if (periods === undefined || partition === undefined) return layout_version === 1 && partition === periods;
  const paths = periods.flatMap(({ path }) => path ?? []);
  const rows = periods.reduce((sum, period) => sum + period.rows, 0);
  const named = rows === 0 ? paths.length === 0 && files.length === 1 : paths.join("\n") === files.map(({ path }) => path).join("\n");
  return layout_version === layoutVersion && rows === row_count && named;
}

/** Reads the metadata of a version. Returns undefined if it was never published. @throws METADATA_INVALID, LAYOUT_UNSUPPORTED */
export async function readMetadata(
  store: Store,
  feature: string,
  version: string,
  signal?: AbortSignal,
): Promise<VersionMetadata | undefined> {
  const key = metadataKey(feature, version);
  const found = (await readDocument(store, key, metadataSchema, signal))?.value;
  if (found === undefined || (found.name === feature && found.version === version)) return found;
  const problem = `it is the metadata of ${found.name} ${found.version}`;
  throw new MlforgeError("METADATA_INVALID", `"${key}" was swapped: ${problem}; restore it from Git or a backup`, {
    key,
    problems: [problem],
  });
}

/** Converts a column to its form in the metadata. */
export function describeColumn(column: NamedColumn): MetadataColumn {
  const { kind, nullable, ...details } = columnTypeOf(column);
  return { name: column.name, dtype: dtypeOf(column), kind, nullable, ...details };
}

/** Converts the result of a rule to its form in the metadata. */
export function describeRule({ examples: _, ...rule }: RuleResult): MetadataRule {
  return rule;
}

/** Returns the type name of a column as in mlforge for Python. Different types have different names, apart from nullability. */
export function dtypeOf(column: Omit<Column, "nullable">): string {
  if (isNested(column)) return nestedDtype(column);
  switch (column.kind) {
    case "timestamp":
      return "datetime[UTC]";
    case "decimal":
      return `decimal[${column.precision ?? 38},${column.scale ?? 0}]`;
    case "bytes":
      return "binary";
    default:
      return column.kind;
  }
}

function nestedDtype(column: Omit<Column, "nullable">): string {
  if (column.kind === "list") return `list[${dtypeOf(elementOf(column))}]`;
  if (column.kind === "vector") {
    const { length, element } = vectorOf(column);
    return `vector[${length},${element}]`;
  }
  const fields = fieldsOf(column).map(({ name, ...field }) => `${/^\w+$/.test(name) ? name : JSON.stringify(name)}: ${dtypeOf(field)}`);
  return `struct[${fields.join(", ")}]`;
}
