import { type Column, MlforgeError, type Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { dtypeOf } from "../log/metadata.js";
import { resolveFeature } from "../resolve/resolve-feature.js";
import type { FeatureData } from "./read-feature.js";

/**
 * Holds the columns that are read against the feature's definition, which types the rows.
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
      problems.push(`"${wanted.name}" is ${dtypeOf(found)}, and the definition says ${dtypeOf(wanted)}`);
    else if (mayBeNull(found, wanted)) problems.push(`"${wanted.name}" may be null, and the definition says never`);
  }
  if (problems.length === 0) return;
  throw new MlforgeError(
    "SCHEMA_MISMATCH",
    `version ${version} of feature "${feature.name}" is not what its definition says: ${problems.join("; ")}; build it, or ask for a version`,
    { where: `${feature.name} ${version}`, problems },
  );
}

/** Whether there may be a null where the definition says never, in the values or inside them. */
function mayBeNull(found: Column, wanted: Column): boolean {
  if (found.nullable && !wanted.nullable) return true;
  if (found.of !== undefined && wanted.of !== undefined) return mayBeNull(found.of, wanted.of);
  return (found.fields ?? []).some((field, index) => {
    const other = wanted.fields?.[index];
    return other !== undefined && mayBeNull(field, other);
  });
}

/** The output columns as far as the definition alone tells them: undefined if a source declares none. */
function declaredColumns(feature: AnyFeature): Schema | undefined {
  const undeclared = new Error("a source declares no columns");
  try {
    return resolveFeature(feature, () => {
      throw undeclared;
    }).schema;
  } catch (error) {
    if (error === undeclared) return undefined;
    throw error;
  }
}
