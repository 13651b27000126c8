import { pathToFileURL } from "node:url";
import type { Scan, Schema } from "@mlforge/spec";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";

/** Returns a scan of the rows of a feature in a file that is not yet published. */
export function writtenRows(
  { feature, schema }: Pick<ResolvedFeature, "feature" | "schema">,
  path: string,
  columns: Schema = schema,
): Scan {
  return { op: "scan", source: feature.name, format: { kind: "parquet" }, paths: [pathToFileURL(path).href], columns };
}
