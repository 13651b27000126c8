import type { AnyFeature } from "../define/any-feature.js";
import { isBatchesTransform } from "../define/batches-transform.js";
import { contentOf, relationOf } from "../define/relation-builder.js";
import type { AnySource } from "../define/source.js";
import { isSqlTransform } from "../define/sql-transform.js";
import { sourcesOfUnknown } from "../define/unknown-relation.js";

/** Returns the sources that a feature reads: its own, and those that its transform reads. Reads no files, also for sources without columns. */
export function sourcesRead({ source, entities, transform }: AnyFeature): readonly AnySource[] {
  if (transform === undefined || isBatchesTransform(transform)) return [source];
  if (isSqlTransform(transform)) return [...new Set([source, ...Object.values(transform.inputs)])];
  const unread = (): undefined => undefined;
  const found = new Set([source]);
  try {
    const rows = transform(relationOf(source, unread, entities), (other) => {
      found.add(other);
      return relationOf(other, unread);
    });
    for (const each of contentOf(rows)?.sources ?? sourcesOfUnknown(rows)) found.add(each);
  } catch {
    // Without the columns, errors of a transform mean nothing. If it is wrong, whatever reads the feature reports it.
  }
  return [...found];
}
