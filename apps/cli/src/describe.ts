import type { Definitions, Rolling } from "@mlforge/core";
import {
  type ConnectorQuery,
  columnTypeOf,
  type NamedColumn,
  type RowsFingerprint,
  type SourceFormat,
  withoutCredentials,
} from "@mlforge/spec";

type Feature = Definitions["features"][number];
type Entity = Definitions["entities"][number];
type Source = Definitions["sources"][number];

/** The definition of a feature as `--json` prints it. Fields that are not declared are null. */
export interface FeatureDescription {
  readonly name: string;
  readonly keys: readonly string[];
  /** Names of its entities. */
  readonly entities: readonly string[];
  /** Name of its source. */
  readonly source: string;
  readonly tags: readonly string[];
  /** Its windows as declared. */
  readonly rolling: readonly Rolling[];
  readonly ttl: string | null;
  readonly static: boolean;
  readonly description: string | null;
}

export function describeFeature({
  name,
  keys,
  entities,
  source,
  tags,
  rolling = [],
  ttl,
  static: always,
  description,
}: Feature): FeatureDescription {
  return {
    name,
    keys,
    entities: entities.map((entity) => entity.name),
    source: source.name,
    tags,
    rolling: "aggregations" in rolling ? [rolling] : rolling,
    ttl: ttl ?? null,
    static: always,
    description: description ?? null,
  };
}

/** An entity as `--json` prints it. */
export interface EntityDescription {
  readonly name: string;
  readonly keys: readonly string[];
  /** Columns that its key is derived from, or null if its keys are ordinary columns. An undeclared kind is null. */
  readonly from: readonly { readonly name: string; readonly kind: string | null }[] | null;
  readonly description: string | null;
}

export function describeEntity({ name, keys, surrogate, description }: Entity): EntityDescription {
  const from = surrogate?.from.map((column) => ({ name: column.name, kind: column.kind ?? null })) ?? null;
  return { name, keys, from, description: description ?? null };
}

/** Formats the keys of an entity, and the columns they are derived from, in one line. */
export function keysText({ keys, from }: EntityDescription): string {
  const names = from?.map(({ name, kind }) => (kind === null ? name : `${name} (${kind})`));
  return names === undefined ? keys.join(", ") : `${keys.join(", ")} from ${names.join(", ")}`;
}

/** A source as `--json` prints it. */
export interface SourceDescription {
  readonly name: string;
  /** URLs have no credentials and no query. */
  readonly paths: readonly string[];
  /** Null if it reads a database. */
  readonly format: SourceFormat | null;
  /** The rows it reads from a database, or null if it reads files. */
  readonly query: { readonly connector: string; readonly rows: ConnectorQuery; readonly fingerprint: RowsFingerprint } | null;
  readonly timestamp: string | null;
  /** True if its rows are declared to be valid at any time. */
  readonly static: boolean;
  /** The declared columns, or null if they are inferred from the data. */
  readonly columns: readonly NamedColumn[] | null;
  /** Columns whose values are in folder names. Empty if folder names are not read. */
  readonly partitions: readonly NamedColumn[];
  readonly description: string | null;
}

export function describeSource({
  name,
  paths,
  query,
  format,
  timestamp,
  static: always,
  columns,
  partitions,
  description,
}: Source): SourceDescription {
  return {
    name,
    paths: paths.map(withoutCredentials),
    format: query === undefined ? format : null,
    query: query === undefined ? null : { ...query, connector: query.connector.name },
    timestamp: timestamp ?? null,
    static: always,
    columns: columns === undefined ? null : describeColumns(columns),
    partitions: partitions === undefined ? [] : describeColumns(partitions),
    description: description ?? null,
  };
}

/** Formats the table or query that a source reads in one line. */
export function queryLine({ query }: SourceDescription): string {
  if (query === null) return "";
  return query.rows.kind === "table" ? query.rows.name : query.rows.text.replace(/\s+/g, " ").trim();
}

function describeColumns(columns: NonNullable<Source["columns"]>): readonly NamedColumn[] {
  return Object.entries(columns).map(([name, column]) => describeColumn({ ...column, name }));
}

/** Describes a column as `--json` prints it, with only the details that its kind needs. */
export function describeColumn(column: NamedColumn): NamedColumn {
  const { kind, nullable, ...details } = columnTypeOf(column);
  return { name: column.name, kind, nullable, ...details };
}
