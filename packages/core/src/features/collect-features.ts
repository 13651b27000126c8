import { type AnyFeature, isFeature } from "../define/any-feature.js";
import { DefinitionIssues } from "../define/definition-issues.js";
import type { AnyEntity } from "../define/entity.js";
import type { FeatureInput } from "../define/features-of.js";
import { type AnySource, isSource } from "../define/source.js";
import { sourcesRead } from "../resolve/sources-read.js";

/** The definitions of a project, in the order they were given. */
export interface CollectedFeatures {
  readonly features: readonly AnyFeature[];
  /** The entities of these features, one of each name. */
  readonly entities: readonly AnyEntity[];
  /** The sources that these features read, also in joins and SQL, and the declared ones, one of each name. */
  readonly sources: readonly AnySource[];
  /** The sources of labels, as they were given. */
  readonly labels: readonly AnySource[];
}

/**
 * Collects the features in `inputs`: features themselves, and features that modules export. A feature given twice counts once.
 *
 * @throws DEFINITION_INVALID, which lists every name that two features share, every entity or source with two definitions, and every input
 * without a feature
 */
export function collectFeatures(
  inputs: readonly FeatureInput[],
  labels: readonly AnySource[] = [],
  declared: readonly AnySource[] = [],
): CollectedFeatures {
  const issues = new DefinitionIssues();
  const features = [...new Set(inputs.flatMap((input, index) => featuresIn(input, index, issues)))];
  for (const [index, each] of labels.entries()) if (!isSource(each)) issues.add(`labels[${index}]`, "expected a source(...)");
  for (const [index, each] of declared.entries()) if (!isSource(each)) issues.add(`sources[${index}]`, "expected a source(...)");
  const sources = distinct([...features.map(({ source }) => source), ...features.flatMap(sourcesRead), ...declared.filter(isSource)]);
  const collected: CollectedFeatures = {
    features: oneOfEachName("features", features, () => false, issues),
    entities: oneOfEachName("entities", distinct(features.flatMap(({ entities }) => entities)), sameKeys, issues),
    sources: oneOfEachName("sources", distinct([...sources, ...labels.filter(isSource)]), sameFiles, issues).filter((each) =>
      sources.includes(each),
    ),
    labels: distinct(labels),
  };
  issues.check();
  return collected;
}

function featuresIn(input: unknown, index: number, issues: DefinitionIssues): readonly AnyFeature[] {
  if (isFeature(input)) return [input];
  const found = typeof input === "object" && input !== null ? Object.values(input).filter(isFeature) : [];
  if (found.length === 0) issues.add(`features[${index}]`, "expected a feature(...) or a module that exports one");
  return found;
}

function oneOfEachName<D extends { readonly name: string }>(
  what: string,
  definitions: readonly D[],
  same: (a: D, b: D) => boolean,
  issues: DefinitionIssues,
): readonly D[] {
  const firsts = new Map<string, D>();
  const conflicts = new Set<string>();
  for (const definition of definitions) {
    const first = firsts.get(definition.name);
    if (first === undefined) firsts.set(definition.name, definition);
    else if (!same(first, definition)) conflicts.add(definition.name);
  }
  for (const name of conflicts) issues.add(`${name}.name`, `two different ${what} are named "${name}"; rename one of them`);
  return [...firsts.values()];
}

function distinct<D>(definitions: readonly D[]): readonly D[] {
  return [...new Set(definitions)];
}

function sameKeys(a: AnyEntity, b: AnyEntity): boolean {
  return JSON.stringify([a.keys, a.surrogate]) === JSON.stringify([b.keys, b.surrogate]);
}

function sameFiles(a: AnySource, b: AnySource): boolean {
  if (a.query?.connector !== b.query?.connector) return false;
  const told = ({ paths, format, columns, query }: AnySource): string =>
    JSON.stringify([paths, format, columns, query?.rows, query?.fingerprint]);
  return told(a) === told(b);
}
