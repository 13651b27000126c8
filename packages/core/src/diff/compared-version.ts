import { type ColumnKind, column, isSameType, type Kind, type NamedColumn, type Plan, type Store } from "@mlforge/spec";
import type { VersionMetadata } from "../log/metadata.js";
import { versionScan } from "../read/version-scan.js";

/** A column that both versions have, with its type in each. */
export interface CommonColumn {
  readonly name: string;
  readonly from: NamedColumn;
  readonly to: NamedColumn;
}

export function commonColumns(from: VersionMetadata, to: VersionMetadata): readonly CommonColumn[] {
  return from.columns.flatMap((each) => {
    const other = to.columns.find(({ name }) => name === each.name);
    return other === undefined ? [] : [{ name: each.name, from: each, to: other }];
  });
}

/** Returns the rows of a version, with new column names that cannot clash. */
export function renamedScan(store: Store, version: VersionMetadata, names: readonly (readonly [from: string, as: string])[]): Plan {
  const input = versionScan(
    store,
    version,
    names.map(([from]) => from),
  );
  return { op: "project", input, columns: names.map(([from, name]) => ({ name, value: column(from) })) };
}

export function isNumber({ kind }: { readonly kind: ColumnKind }): boolean {
  return kind === "decimal" || isBinaryNumber(kind);
}

/**
 * Returns true if values of both types can be compared for equality. Decimals with different digits cannot: their common type can be too small for
 * them.
 */
export function areComparable(from: Kind, to: Kind): boolean {
  return isSameType(from, to) || (isBinaryNumber(from.kind) && isBinaryNumber(to.kind));
}

function isBinaryNumber(kind: ColumnKind): boolean {
  return kind === "int32" || kind === "int64" || kind === "float32" || kind === "float64";
}
