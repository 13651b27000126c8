import { column, type NamedColumn, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { unknownColumn } from "../define/unknown-column.js";

/** A key of a feature, and the label column that is compared with it. */
export interface KeyColumn {
  readonly key: string;
  readonly label: string;
}

/** A key that is derived from other label columns, with the kinds of these columns if the definitions declare them. */
export interface DerivedKey {
  /** The name of the key among the labels. */
  readonly name: string;
  readonly from: readonly { readonly name: string; readonly kind?: NamedColumn["kind"] | undefined }[];
}

/** Returns the keys of a feature that are derived from columns of its source. */
function derivedKeysOf({ entities, source }: AnyFeature): readonly DerivedKey[] {
  return entities.flatMap(({ surrogate }) => {
    if (surrogate === undefined) return [];
    const from = surrogate.from.map(({ name, kind }) => ({ name, kind: kind ?? { ...source.columns, ...source.partitions }[name]?.kind }));
    return [{ name: surrogate.joinKey, from }];
  });
}

/**
 * Returns the label columns that are the keys of a feature: those with the same names, or those that `mapping` names for a key or for a column that a
 * key is derived from. Adds problems with the mapping to `problems`.
 */
export function labelKeys(
  feature: AnyFeature,
  keys: readonly string[],
  mapping: Readonly<Record<string, string>>,
  problems: string[],
): { readonly keyColumns: readonly KeyColumn[]; readonly derivedKeys: readonly DerivedKey[] } {
  const made = derivedKeysOf(feature);
  const known = [...keys, ...made.flatMap(({ from }) => from.map(({ name }) => name))];
  for (const name of Object.keys(mapping))
    if (!known.includes(name)) problems.push(`keys: ${unknownColumn(name, known, `the keys of feature "${feature.name}"`)}`);
  const mapped = (name: string): string => (Object.hasOwn(mapping, name) ? mapping[name] : undefined) ?? name;
  const keyColumns = keys.map((key) => ({ key, label: mapped(key) }));
  const derivedKeys = made.map(({ name, from }) => {
    const columns = from.map((column) => ({ ...column, name: mapped(column.name) }));
    const isMapped = from.some((column) => mapped(column.name) !== column.name);
    // A key derived from other columns is a different key. A training set can have several of them.
    return {
      key: name,
      name: isMapped && mapped(name) === name ? `${name} of ${columns.map((column) => column.name).join(", ")}` : mapped(name),
      from: columns,
    };
  });
  return {
    keyColumns: keyColumns.map(({ key, label }) => ({ key, label: derivedKeys.find((each) => each.key === key)?.name ?? label })),
    derivedKeys: derivedKeys.map(({ name, from }) => ({ name, from })),
  };
}

/** Returns the keys that labels with these columns do not have, but that can be derived from their columns. */
export function keysToMake(labels: Schema, features: readonly { readonly derivedKeys: readonly DerivedKey[] }[]): readonly DerivedKey[] {
  const made = features.flatMap(({ derivedKeys }) => derivedKeys).filter(({ name }) => !labels.some((column) => column.name === name));
  return [...new Map(made.map((key) => [key.name, key])).values()];
}

/** Adds these derived keys to labels. */
export function withKeys(labels: Plan, keys: readonly DerivedKey[]): Plan {
  if (keys.length === 0) return labels;
  return {
    op: "project",
    input: labels,
    columns: [
      ...schemaOf(labels).map(({ name }) => ({ name, value: column(name) })),
      ...keys.map(({ name, from }) => ({
        name,
        value: { expr: "call", function: "surrogateKey", arguments: from.map((each) => column(each.name)) } as const,
      })),
    ],
  };
}
