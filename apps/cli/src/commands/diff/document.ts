import type { ColumnDiff, ColumnProfile, VersionDiff } from "@mlforge/core";
import { differencesDocument } from "../../differences-document.js";
import { jsonValue } from "../../row-value.js";

/** Converts a comparison of versions to the document that `--json` prints. */
export function diffDocument({ feature, from, to, change, why, differences, source, rows, bytes, data }: VersionDiff): object {
  return {
    feature,
    from,
    to,
    change,
    why,
    differences: differencesDocument(differences),
    source: { changed: source.changed },
    rows: { from: rows.from, to: rows.to },
    bytes: { from: bytes.from, to: bytes.to },
    data: data === undefined ? null : dataDocument(data),
  };
}

function dataDocument(data: NonNullable<VersionDiff["data"]>): object {
  if (data.kind !== "compared") return data;
  const { rows, unmatched, columns } = data;
  return {
    kind: data.kind,
    rows:
      rows === undefined
        ? null
        : { removed: rows.onlyFrom, added: rows.onlyTo, changed: rows.changed, rounded: rows.rounded, unchanged: rows.unchanged },
    unmatched: unmatched ?? null,
    columns: columns.map(columnDocument),
  };
}

function columnDocument({ name, from, to, changed, drift }: ColumnDiff): object {
  return { name, changed: changed ?? null, drift: drift ?? null, from: profileDocument(from), to: profileDocument(to) };
}

function profileDocument(profile: ColumnProfile): object {
  const { kind, rows, nulls, nullShare, distinct, notFinite, min, max, numbers } = profile;
  const column = { name: "", kind, nullable: true };
  return {
    kind,
    rows,
    nulls: { rows: nulls, share: nullShare },
    distinct,
    nonfinite: notFinite,
    min: jsonValue(min, column),
    max: jsonValue(max, column),
    mean: numbers?.mean ?? null,
    std: numbers?.std ?? null,
    quantiles:
      numbers === undefined ? null : Object.fromEntries(Object.entries(numbers.quantiles).map(([name, value]) => [name, value ?? null])),
  };
}
