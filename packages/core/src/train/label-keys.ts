import { type Expression, type NamedColumn, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import type { AnyFeature } from "../define/feature.js";
import type { ChosenFeature } from "./chosen-feature.js";

/** A key that is made of other columns, with their kinds where the definitions state them. */
export interface MadeKey {
  readonly name: string;
  readonly from: readonly { readonly name: string; readonly kind?: NamedColumn["kind"] | undefined }[];
}

/** The keys of a feature that are made of columns of its source. */
export function madeKeysOf({ entities, source }: AnyFeature): readonly MadeKey[] {
  return entities.flatMap(({ surrogate }) => {
    if (surrogate === undefined) return [];
    const from = surrogate.from.map(({ name, kind }) => ({ name, kind: kind ?? { ...source.columns, ...source.partitions }[name]?.kind }));
    return [{ name: surrogate.joinKey, from }];
  });
}

/** The keys that labels of these columns do not have and that are made of columns they have. */
export function keysToMake(labels: Schema, features: readonly ChosenFeature[]): readonly MadeKey[] {
  const made = features.flatMap(({ madeKeys }) => madeKeys).filter(({ name }) => !labels.some((column) => column.name === name));
  return [...new Map(made.map((key) => [key.name, key])).values()];
}

/** Labels with these keys made. */
export function withKeys(labels: Plan, keys: readonly MadeKey[]): Plan {
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
