import { type Description, isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { definitionInvalid } from "../define/definition-issues.js";
import type { AnySource } from "../define/source.js";
import { fingerprint } from "../sources/fingerprint.js";
import type { KnownSources } from "../sources/known-sources.js";
import type { SourceFiles } from "../sources/source-files.js";
import { expectHeld, type OmittedColumn, omittedColumns } from "./omitted-columns.js";
import { type ColumnsNeeded, type ResolvedFeature, resolveFeature } from "./resolve-feature.js";

/** A feature with everything that is known from its definition and the names of its files. */
export interface PreparedFeature {
  readonly resolved: ResolvedFeature;
  /** The files of each source, by source name. */
  readonly sources: ReadonlyMap<string, SourceFiles>;
  /** SHA-256 of everything that determines the output, except the data. */
  readonly planFingerprint: string;
  /** Source columns that no column type can hold and that the feature does not use. */
  readonly omitted: readonly OmittedColumn[];
}

/**
 * Finds the files of a feature's sources, reads the columns of sources that declare none, and creates its plan.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, SCHEMA_MISMATCH, DEFINITION_INVALID, COLUMN_UNKNOWN, CAPABILITY_MISSING, TRANSFORM_FAILED
 */
export async function prepareFeature(feature: AnyFeature, known: KnownSources, signal?: AbortSignal): Promise<PreparedFeature> {
  const described = new Map<AnySource, Description>();
  for (;;) {
    const resolved = resolve(feature, described);
    if ("needs" in resolved) {
      const names = new Set([...described.keys()].map(({ name }) => name));
      const again = resolved.needs.find(({ name }) => names.has(name));
      if (again !== undefined) {
        const message = `the transform creates the source "${again.name}" again each time it runs; create it once, outside the transform`;
        throw definitionInvalid(`${feature.name}.transform`, message);
      }
      for (const source of resolved.needs) described.set(source, await known.describe(source, signal));
      continue;
    }
    expectHeld(feature, resolved, described);
    const sources = new Map<string, SourceFiles>();
    for (const source of resolved.sources) sources.set(source.name, await known.files(source, signal));
    return { resolved, sources, planFingerprint: fingerprintOf(resolved), omitted: omittedColumns(described) };
  }
}

function resolve(feature: AnyFeature, described: ReadonlyMap<AnySource, Description>): ResolvedFeature | ColumnsNeeded {
  try {
    return resolveFeature(feature, (source) => described.get(source)?.columns);
  } catch (error) {
    if (isMlforgeError(error)) throw error;
    throw new MlforgeError(
      "TRANSFORM_FAILED",
      `the transform of feature "${feature.name}" threw: ${error instanceof Error ? error.message : String(error)}`,
      { where: feature.name },
      { cause: error },
    );
  }
}

function fingerprintOf({ feature: { partition }, keys, timestamp, schema, computation }: ResolvedFeature): string {
  const logic =
    computation.kind === "plan"
      ? { plan: computation.plan }
      : { input: computation.input, logic: computation.logic, rolling: computation.rolling };
  return fingerprint({ keys, timestamp, schema, partition, ...logic });
}
