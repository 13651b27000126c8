import type { Engine, Store } from "@mlforge/spec";
import type { VersionMetadata } from "../log/metadata.js";
import { type ColumnProfile, profileColumn } from "./column-profile.js";
import { type CommonColumn, renamedScan } from "./compared-version.js";
import { driftOf } from "./drift.js";

export type { ColumnProfile, NumberProfile } from "./column-profile.js";

/** A column that both versions have. */
export interface ColumnDiff {
  readonly name: string;
  readonly from: ColumnProfile;
  readonly to: ColumnProfile;
  /**
   * The rows that are in both versions with different values in this column, and their share of the rows that are in both. `rounded` counts those
   * among them whose floats differ within a relative 1e-9. Undefined for keys and the timestamp, if rows could not be matched, and if the types cannot
   * be compared.
   */
  readonly changed: { readonly rows: number; readonly rounded: number; readonly share: number } | undefined;
  /**
   * The population stability index of numbers, strings, and booleans. Below 0.1 the distribution is stable, above 0.25 it has shifted. Undefined for
   * other kinds, and if a version has no rows.
   */
  readonly drift: number | undefined;
}

/** Compares one column, with a few queries that read only this column. */
export async function diffColumn(
  engine: Engine,
  store: Store,
  { from, to, column }: { readonly from: VersionMetadata; readonly to: VersionMetadata; readonly column: CommonColumn },
  signal?: AbortSignal,
): Promise<Omit<ColumnDiff, "changed">> {
  const { name } = column;
  const before = renamedScan(store, from, [[name, "x"]]);
  const after = renamedScan(store, to, [[name, "x"]]);
  return {
    name,
    from: await profileColumn(engine, before, column.from, signal),
    to: await profileColumn(engine, after, column.to, signal),
    drift: await driftOf(engine, { rows: before, column: column.from }, { rows: after, column: column.to }, signal),
  };
}
