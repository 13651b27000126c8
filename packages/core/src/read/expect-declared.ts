import { MlforgeError, type Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { declaredProblems } from "../log/declared-columns.js";
import { resolveFeature } from "../resolve/resolve-feature.js";
import type { FeatureData } from "./read-feature.js";

/**
 * Compares the columns of a version with the feature's definition, which determines the types of the rows.
 *
 * @throws SCHEMA_MISMATCH
 */
export function expectDeclared(feature: AnyFeature, { version, columns }: Pick<FeatureData, "version" | "columns">, all: boolean): void {
  const declared = declaredColumns(feature);
  if (declared === undefined) return;
  const names = new Set(columns.map(({ name }) => name));
  const problems = declaredProblems(all ? declared : declared.filter(({ name }) => names.has(name)), columns);
  if (problems.length === 0) return;
  throw new MlforgeError(
    "SCHEMA_MISMATCH",
    `version ${version} of feature "${feature.name}" does not match its definition: ${problems.join("; ")}; build the feature, or pass a version explicitly`,
    { where: `${feature.name} ${version}`, problems },
  );
}

/** Returns the output columns that the definition alone determines, or undefined if a source declares no columns. */
function declaredColumns(feature: AnyFeature): Schema | undefined {
  const resolved = resolveFeature(feature, () => undefined);
  return "needs" in resolved ? undefined : resolved.schema;
}
