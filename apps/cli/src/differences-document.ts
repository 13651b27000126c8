import type { MetadataColumn, VersionDifferences } from "@mlforge/core";

/** Converts the differences of two versions to the document that `--json` prints. */
export function differencesDocument({ columns, keys, timestamp, tags, description, validators, logic }: VersionDifferences): object {
  return {
    columns: {
      added: columns.added.map(typedColumn),
      removed: columns.removed.map(typedColumn),
      retyped: columns.retyped.map(({ name, from, to }) => ({ name, from, to })),
      nullable: columns.nullable.map(({ name, from, to }) => ({ name, from, to })),
    },
    keys: keys ?? null,
    timestamp: timestamp === undefined ? null : { from: timestamp.from ?? null, to: timestamp.to ?? null },
    tags: tags ?? null,
    description: description === undefined ? null : { from: description.from ?? null, to: description.to ?? null },
    validators,
    logic: logic ?? null,
  };
}

function typedColumn({ name, dtype }: MetadataColumn): object {
  return { name, type: dtype };
}
