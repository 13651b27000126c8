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

/** The options as the caller passed them, unchecked. */
interface Given {
  readonly keys?: unknown;
  readonly entities?: unknown;
  readonly tags?: unknown;
}

/** Checks everything that can be checked without reading a source. @throws DEFINITION_INVALID, which lists every problem */
export function checkFeature(feature: AnyFeature, given: Given): void {
  const issues = new DefinitionIssues();
  const at = showName("feature", feature.name);
  checkName(at, feature.name, issues);
  checkGivenKeys(feature, given, at, issues);
  if (given.tags !== undefined && !Array.isArray(given.tags)) issues.add(`${at}.tags`, "expected an array of tags");
  for (const [index, tag] of feature.tags.entries()) {
    if (typeof tag !== "string" || !/^[^\s,]+$/.test(tag))
      issues.add(`${at}.tags[${index}]`, `the tag ${JSON.stringify(tag)} must be one word without spaces or commas`);
  }
  if (feature.ttl !== undefined) issues.collect(`${at}.ttl`, () => parseDuration(feature.ttl));
  if (!isSource(feature.source)) issues.add(`${at}.source`, "expected a source(...)");
  else if (!isTransform(feature.transform))
    issues.add(`${at}.transform`, "expected a function, sql(...), or batches(...) as the transform");
  else checkRows({ ...feature, name: at }, issues);
  issues.check();
}

function checkGivenKeys(feature: AnyFeature, given: Given, at: string, issues: DefinitionIssues): void {
  if (given.keys !== undefined && given.entities !== undefined) issues.add(`${at}.keys`, "pass either keys or entities, not both");
  else if (given.entities === undefined) checkKeys(given.keys, `${at}.keys`, issues);
  else if (feature.entities.length === 0) issues.add(`${at}.entities`, "expected at least one entity(...)");
  else {
    for (const [index, entity] of feature.entities.entries()) {
      if (!isEntity(entity)) issues.add(`${at}.entities[${index}]`, "expected an entity(...)");
    }
  }
}

function isTransform(transform: unknown): boolean {
  return transform === undefined || typeof transform === "function" || isSqlTransform(transform) || isBatchesTransform(transform);
}

/** Checks the rows if their columns are already known, because the sources or the transform declare them. */
function checkRows(feature: AnyFeature, issues: DefinitionIssues): void {
  const { transform } = feature;
  if (isSqlTransform(transform) || isBatchesTransform(transform)) {
    const schema = schemaFrom(transform.columns);
    checkOutput(feature, schema, issues);
    issues.collect(`${feature.name}.entities`, () => checkJoinKeys(feature));
    if (feature.rolling === undefined) {
      resolveValidators(feature, schema, issues);
      return;
    }
    const rows = { feature, keys: feature.keys, timestamp: timestampOf(feature, schema), schema };
    const rolling = rollUp(feature.rolling, rows, issues);
    if (rolling !== undefined) resolveValidators(feature, rolledSchema(rolling, rows), issues);
    return;
  }
  resolve(feature, () => undefined, issues);
}
