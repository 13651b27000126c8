import type { Definitions, Rolling } from "@mlforge/core";
import { type ConnectorQuery, columnTypeOf, type NamedColumn, type RowsFingerprint, type SourceFormat } from "@mlforge/spec";

type Feature = Definitions["features"][number];
type Entity = Definitions["entities"][number];
type Source = Definitions["sources"][number];

/** A feature as `--json` prints its definition. What is not declared is null. */
export interface FeatureDescription {
  readonly name: string;
  readonly keys: readonly string[];
  /** The names of its entities. */
  readonly entities: readonly string[];
  /** The name of its source. */
  readonly source: string;
  readonly tags: readonly string[];
  /** Its windows, as they were declared. */
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
  /** The columns its key is made of; null where its keys are columns of their own. A kind is null where none is stated. */
  readonly from: readonly { readonly name: string; readonly kind: string | null }[] | null;
  readonly description: string | null;
}

export function describeEntity({ name, keys, surrogate, description }: Entity): EntityDescription {
  const from = surrogate?.from.map((column) => ({ name: column.name, kind: column.kind ?? null })) ?? null;
  return { name, keys, from, description: description ?? null };
}

/** The keys of an entity in a line, and what they are made of. */
export function keysText({ keys, from }: EntityDescription): string {
  const names = from?.map(({ name, kind }) => (kind === null ? name : `${name} (${kind})`));
  return names === undefined ? keys.join(", ") : `${keys.join(", ")} from ${names.join(", ")}`;
}

/** A source as `--json` prints it. */
export interface SourceDescription {
  readonly name: string;
  readonly paths: readonly string[];
  /** Null where it reads a database. */
  readonly format: SourceFormat | null;
  /** What it reads of a database, in place of files. */
  readonly query: { readonly connector: string; readonly rows: ConnectorQuery; readonly fingerprint: RowsFingerprint } | null;
  readonly timestamp: string | null;
  /** True if its rows are declared to hold at any time. */
  readonly static: boolean;
  /** As declared; null where they are found by reading. */
  readonly columns: readonly NamedColumn[] | null;
  /** The columns whose values are in the names of folders; none where folders mean nothing. */
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
    paths,
    format: query === undefined ? format : null,
    query: query === undefined ? null : { ...query, connector: query.connector.name },
    timestamp: timestamp ?? null,
    static: always,
    columns: columns === undefined ? null : describeColumns(columns),
    partitions: partitions === undefined ? [] : describeColumns(partitions),
    description: description ?? null,
  };
}

/** The table or the query that a source reads, in a line. */
export function queryLine({ query }: SourceDescription): string {
  if (query === null) return "";
  return query.rows.kind === "table" ? query.rows.name : query.rows.text.replace(/\s+/g, " ").trim();
}

function describeColumns(columns: NonNullable<Source["columns"]>): readonly NamedColumn[] {
  return Object.entries(columns).map(([name, column]) => describeColumn({ ...column, name }));
}

/** A column as `--json` prints it: with what its kind needs, and nothing else. */
export function describeColumn(column: NamedColumn): NamedColumn {
  const { kind, nullable, ...details } = columnTypeOf(column);
  return { name: column.name, kind, nullable, ...details };
}
