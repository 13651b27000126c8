import { type Expression, type NamedColumn, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { unknownColumn } from "../define/unknown-column.js";

/** A key of a feature, and the column of the labels that is compared with it. */
export interface KeyColumn {
  readonly key: string;
  readonly label: string;
}

/** A key that is made of other columns of the labels, with their kinds where the definitions state them. */
export interface DerivedKey {
  /** What it is called among the labels. */
  readonly name: string;
  readonly from: readonly { readonly name: string; readonly kind?: NamedColumn["kind"] | undefined }[];
}

/** The keys of a feature that are made of columns of its source. */
function derivedKeysOf({ entities, source }: AnyFeature): readonly DerivedKey[] {
  return entities.flatMap(({ surrogate }) => {
    if (surrogate === undefined) return [];
    const from = surrogate.from.map(({ name, kind }) => ({ name, kind: kind ?? { ...source.columns, ...source.partitions }[name]?.kind }));
    return [{ name: surrogate.joinKey, from }];
  });
}

/**
 * The columns of the labels that are the keys of a feature: those of the same names, or those that `mapping` names for a key, or for a column of which a
 * key is made. What is wrong with the mapping is added to `problems`.
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
    // Made of other columns it is another key, and several may be made for one training set.
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

/** The keys that labels of these columns do not have and that are made of columns they have. */
export function keysToMake(labels: Schema, features: readonly { readonly derivedKeys: readonly DerivedKey[] }[]): readonly DerivedKey[] {
  const made = features.flatMap(({ derivedKeys }) => derivedKeys).filter(({ name }) => !labels.some((column) => column.name === name));
  return [...new Map(made.map((key) => [key.name, key])).values()];
}

/** Labels with these keys made. */
export function withKeys(labels: Plan, keys: readonly DerivedKey[]): Plan {
  if (keys.length === 0) return labels;
  const reference = (name: string): Expression => ({ expr: "column", name });
  return {
    op: "project",
    input: labels,
    columns: [
      ...schemaOf(labels).map(({ name }) => ({ name, value: reference(name) })),
      ...keys.map(({ name, from }) => ({
        name,
        value: { expr: "call", function: "surrogateKey", arguments: from.map((column) => reference(column.name)) } as const,
      })),
    ],
  };
}
