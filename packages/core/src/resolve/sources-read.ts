import type { AnyFeature } from "../define/any-feature.js";
import { isBatchesTransform } from "../define/batches-transform.js";
import { sourceGiven } from "../define/feature-source.js";
import { type ColumnsOf, contentOf, relationOf } from "../define/relation-builder.js";
import type { AnySource } from "../define/source.js";
import { isSqlTransform } from "../define/sql-transform.js";
import { sourcesOfUnknown } from "../define/unknown-relation.js";
import { inputsOf } from "./resolve-feature.js";

/** Returns the sources that a feature reads: its own, and those that its transform reads. Reads no files, also for sources without columns. */
export function sourcesRead({ source, entities, transform }: AnyFeature): readonly AnySource[] {
  if (transform === undefined || isBatchesTransform(transform)) return [source];
  if (isSqlTransform(transform)) return [...new Set([source, ...Object.values(inputsOf(transform))])];
  const unread: ColumnsOf = ({ upstream }) => upstream?.columns;
  const found = new Set([source]);
  try {
    const rows = transform(relationOf(source, unread, entities), (other) => {
      const given = sourceGiven(other);
      if (given !== undefined) found.add(given);
      return relationOf(other, unread);
    });
    for (const each of contentOf(rows)?.sources ?? sourcesOfUnknown(rows)) found.add(each);
  } catch {
    // Without the columns, errors of a transform mean nothing. If it is wrong, whatever reads the feature reports it.
  }
  return [...found];
}
