import type { Scan, Schema } from "@mlforge/spec";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";

/** Returns a scan of the rows of a feature in files that were written but not yet published. */
export function writtenRows(
  { feature, schema }: Pick<ResolvedFeature, "feature" | "schema">,
  urls: readonly string[],
  columns: Schema = schema,
): Scan {
  return { op: "scan", source: feature.name, format: { kind: "parquet" }, paths: urls, columns };
}
