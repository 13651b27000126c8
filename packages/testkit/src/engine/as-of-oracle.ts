import type { Cell } from "./arrow-rows.js";

export type Key = readonly (string | number | bigint | null)[];

export interface Label {
  readonly key: Key;
  readonly at: bigint | null;
}

export interface FeatureRow extends Label {
  readonly values: readonly Cell[];
}

export interface AsOfRules {
  readonly allowExactMatches: boolean;
  readonly ttl: bigint | undefined;
}

/** Returns the row that a label sees, from the definition: the newest row of its key that is not after it, unless that row is too old. */
export function knownTo(label: Label, rows: readonly FeatureRow[], { allowExactMatches, ttl }: AsOfRules): FeatureRow | undefined {
  let newest: FeatureRow | undefined;
  for (const row of rows) {
    if (label.at === null || row.at === null || !sameKey(label.key, row.key)) continue;
    const isKnown = allowExactMatches ? row.at <= label.at : row.at < label.at;
    if (isKnown && (newest?.at == null || row.at > newest.at)) newest = row;
  }
  const isTooOld = ttl !== undefined && newest?.at != null && label.at !== null && label.at - newest.at >= ttl;
  return isTooOld ? undefined : newest;
}

/** Null equals nothing, NaN equals NaN, and zeros are equal whatever their sign. */
function sameKey(a: Key, b: Key): boolean {
  return a.every((part, index) => {
    const other = b[index];
    return part !== null && (part === other || (Number.isNaN(part) && Number.isNaN(other)));
  });
}
