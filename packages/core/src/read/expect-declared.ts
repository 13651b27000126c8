import { type Column, MlforgeError, type Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { dtypeOf } from "../log/metadata.js";
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
  const problems: string[] = [];
  for (const wanted of declared) {
    const found = columns.find((column) => column.name === wanted.name);
    if (found === undefined && all) problems.push(`it has no column "${wanted.name}"`);
    if (found === undefined) continue;
    if (dtypeOf(found) !== dtypeOf(wanted))
      problems.push(`"${wanted.name}" is ${dtypeOf(found)}, but the definition declares ${dtypeOf(wanted)}`);
    else if (mayBeNull(found, wanted)) problems.push(`"${wanted.name}" can be null, but the definition declares that it cannot`);
  }
  if (problems.length === 0) return;
  throw new MlforgeError(
    "SCHEMA_MISMATCH",
    `version ${version} of feature "${feature.name}" does not match its definition: ${problems.join("; ")}; build the feature, or pass a version explicitly`,
    { where: `${feature.name} ${version}`, problems },
  );
}

/** Returns true if a value, or a value inside it, can be null although the definition declares that it cannot. */
function mayBeNull(found: Column, wanted: Column): boolean {
  if (found.nullable && !wanted.nullable) return true;
  if (found.of !== undefined && wanted.of !== undefined) return mayBeNull(found.of, wanted.of);
  return (found.fields ?? []).some((field, index) => {
    const other = wanted.fields?.[index];
    return other !== undefined && mayBeNull(field, other);
  });
}

/** Returns the output columns that the definition alone determines, or undefined if a source declares no columns. */
function declaredColumns(feature: AnyFeature): Schema | undefined {
  const resolved = resolveFeature(feature, () => undefined);
  return "needs" in resolved ? undefined : resolved.schema;
}
