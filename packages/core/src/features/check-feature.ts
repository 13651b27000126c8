import type { AnyFeature, FeatureOutput } from "../define/any-feature.js";
import { isBatchesTransform } from "../define/batches-transform.js";
import { DefinitionIssues } from "../define/definition-issues.js";
import { parseDuration } from "../define/duration.js";
import { checkKeys, isEntity } from "../define/entity.js";
import { checkJoinKeys } from "../define/join-keys.js";
import { checkName, showName } from "../define/name.js";
import { partitions } from "../define/partition.js";
import type { ColumnsOf } from "../define/relation-builder.js";
import { schemaFrom } from "../define/scan-of.js";
import { type AnySource, isSource, type Upstream } from "../define/source.js";
import { isSqlTransform } from "../define/sql-transform.js";
import { checkOutput, timestampOf } from "../resolve/feature-output.js";
import { inputsOf, resolve } from "../resolve/resolve-feature.js";
import { resolveValidators } from "../resolve/resolve-validators.js";
import { rolledSchema, rollUp } from "../resolve/roll-up.js";

/** The options as the caller passed them, unchecked. */
interface Given {
  readonly keys?: unknown;
  readonly entities?: unknown;
  readonly tags?: unknown;
}

/**
 * Checks everything that can be checked without reading a source. Returns the features that it reads, and its rows as far as they are known.
 *
 * @throws DEFINITION_INVALID, which lists every problem
 */
export function checkFeature(feature: AnyFeature, given: Given): Pick<AnyFeature, "upstreams" | "output"> {
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
  const { partition } = feature;
  if (partition !== undefined && !partitions.includes(partition))
    issues.add(
      `${at}.partition`,
      `${JSON.stringify(partition)} is not a partition; use ${partitions.map((each) => `"${each}"`).join(", ")}`,
    );
  const read = new Set<AnySource>();
  let output: FeatureOutput | undefined;
  if (!isSource(feature.source)) issues.add(`${at}.source`, "expected a source(...) or a feature(...)");
  else if (!isTransform(feature.transform))
    issues.add(`${at}.transform`, "expected a function, sql(...), or batches(...) as the transform");
  else output = checkRows({ ...feature, name: at }, read, issues);
  const upstreams = [...new Set([...read].flatMap(({ upstream }) => upstream ?? []))];
  const seen = new Set<Upstream>();
  const circle = upstreams.map((upstream) => pathTo(feature.name, upstream, seen)).find((path) => path !== undefined);
  if (circle !== undefined) {
    const path = [feature.name, ...circle].join(" -> ");
    issues.add(`${at}.source`, `it reads a feature that reads a feature of this name (${path}); rename one of them, or remove the circle`);
  }
  issues.check();
  return { upstreams, output };
}

/** Returns the names on the way from a feature to one that it reads, directly or through others. Undefined if there is none of that name. */
function pathTo(name: string, upstream: Upstream, seen: Set<Upstream>): readonly string[] | undefined {
  const { name: own, upstreams } = upstream;
  if (own === name) return [own];
  if (seen.has(upstream)) return undefined;
  seen.add(upstream);
  const path = upstreams.map((each) => pathTo(name, each, seen)).find((each) => each !== undefined);
  return path === undefined ? undefined : [own, ...path];
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

/**
 * Checks the rows if their columns are already known, because the sources or the transform declare them. Adds to `read` at least the features that it
 * reads.
 */
function checkRows(feature: AnyFeature, read: Set<AnySource>, issues: DefinitionIssues): FeatureOutput | undefined {
  const { transform } = feature;
  if (isSqlTransform(transform) || isBatchesTransform(transform)) {
    const inputs = isSqlTransform(transform) ? Object.values(inputsOf(transform)) : [];
    for (const source of [feature.source, ...inputs]) read.add(source);
    const schema = schemaFrom(transform.columns);
    checkOutput(feature, schema, issues);
    issues.collect(`${feature.name}.entities`, () => checkJoinKeys(feature));
    if (feature.rolling === undefined) {
      resolveValidators(feature, schema, issues);
      return { columns: schema, timestamp: timestampOf(feature, schema) };
    }
    const rows = { feature, keys: feature.keys, timestamp: timestampOf(feature, schema), schema };
    const rolling = rollUp(feature.rolling, rows, issues);
    if (rolling === undefined) return undefined;
    const columns = rolledSchema(rolling, rows);
    resolveValidators(feature, columns, issues);
    return { columns, timestamp: rows.timestamp };
  }
  const asked: ColumnsOf = (source) => {
    read.add(source);
    return undefined;
  };
  const resolved = resolve(feature, asked, issues);
  return resolved === undefined || "needs" in resolved ? undefined : { columns: resolved.schema, timestamp: resolved.timestamp };
}
