import type { AnyFeature } from "../define/any-feature.js";
import { isBatchesTransform } from "../define/batches-transform.js";
import { DefinitionIssues } from "../define/definition-issues.js";
import { parseDuration } from "../define/duration.js";
import { checkKeys, isEntity } from "../define/entity.js";
import { checkJoinKeys } from "../define/join-keys.js";
import { checkName, showName } from "../define/name.js";
import { schemaFrom } from "../define/scan-of.js";
import { isSource } from "../define/source.js";
import { isSqlTransform } from "../define/sql-transform.js";
import { checkOutput, timestampOf } from "../resolve/feature-output.js";
import { resolve } from "../resolve/resolve-feature.js";
import { resolveValidators } from "../resolve/resolve-validators.js";
import { rolledSchema, rollUp } from "../resolve/roll-up.js";

/** Options as they came. */
interface Given {
  readonly keys?: unknown;
  readonly entities?: unknown;
  readonly tags?: unknown;
}

/** Checks all that can be known without reading a source. @throws DEFINITION_INVALID with everything that is wrong. */
export function checkFeature(feature: AnyFeature, given: Given): void {
  const issues = new DefinitionIssues();
  const at = showName("feature", feature.name);
  checkName(at, feature.name, issues);
  checkGivenKeys(feature, given, at, issues);
  if (given.tags !== undefined && !Array.isArray(given.tags)) issues.add(`${at}.tags`, "tags are a list of words");
  for (const [index, tag] of feature.tags.entries()) {
    if (typeof tag !== "string" || !/^[^\s,]+$/.test(tag))
      issues.add(`${at}.tags[${index}]`, `the tag ${JSON.stringify(tag)} is not a word without commas`);
  }
  if (feature.ttl !== undefined) issues.attempt(`${at}.ttl`, () => parseDuration(feature.ttl));
  if (!isSource(feature.source)) issues.add(`${at}.source`, "a source(...) is needed");
  else if (!isTransform(feature.transform)) issues.add(`${at}.transform`, "a transform is a function, sql(...) or batches(...)");
  else checkRows({ ...feature, name: at }, issues);
  issues.check();
}

function checkGivenKeys(feature: AnyFeature, given: Given, at: string, issues: DefinitionIssues): void {
  if (given.keys !== undefined && given.entities !== undefined)
    issues.add(`${at}.keys`, "keys and entities are both given; give one of them");
  else if (given.entities === undefined) checkKeys(given.keys, `${at}.keys`, issues);
  else if (feature.entities.length === 0) issues.add(`${at}.entities`, "at least one entity is needed");
  else {
    for (const [index, entity] of feature.entities.entries()) {
      if (!isEntity(entity)) issues.add(`${at}.entities[${index}]`, "this is no entity(...)");
    }
  }
}

function isTransform(transform: unknown): boolean {
  return transform === undefined || typeof transform === "function" || isSqlTransform(transform) || isBatchesTransform(transform);
}

/** Checks the rows if their columns are known already: declared by the sources, or by the transform itself. */
function checkRows(feature: AnyFeature, issues: DefinitionIssues): void {
  const { transform } = feature;
  if (isSqlTransform(transform) || isBatchesTransform(transform)) {
    const schema = schemaFrom(transform.columns);
    checkOutput(feature, schema, issues);
    issues.attempt(`${feature.name}.entities`, () => checkJoinKeys(feature));
    if (feature.rolling === undefined) {
      resolveValidators(feature, schema, issues);
      return;
    }
    const rows = { feature, keys: feature.keys, timestamp: timestampOf(feature, schema), schema };
    const rolling = rollUp(feature.rolling, rows, issues);
    if (rolling !== undefined) resolveValidators(feature, rolledSchema(rolling, rows), issues);
    return;
  }
  const undeclared = new Error("the columns of a source are not declared");
  try {
    resolve(
      feature,
      () => {
        throw undeclared;
      },
      issues,
    );
  } catch (error) {
    if (error !== undeclared) throw error;
  }
}
