import { type AnyFeature, isFeature } from "./any-feature.js";
import { definitionSymbol } from "./definition-kind.js";
import { type AnySource, isSource } from "./source.js";

const known = new WeakMap<AnyFeature, AnySource>();

/** Returns the published rows of a feature as a source: the same one each time, since plans compare sources. */
export function featureSource(feature: AnyFeature): AnySource {
  const source = known.get(feature) ?? sourceOf(feature);
  known.set(feature, source);
  return source;
}

/** Returns the source that a caller passed, or the rows of the feature that it passed. Undefined if it is neither. */
export function sourceGiven(candidate: unknown): AnySource | undefined {
  if (isFeature(candidate)) return featureSource(candidate);
  return isSource(candidate) ? candidate : undefined;
}

function sourceOf({ name, output, upstreams, timestamp, source, static: isStatic, description }: AnyFeature): AnySource {
  return {
    [definitionSymbol]: "source",
    name,
    paths: [],
    query: undefined,
    upstream: { name, columns: output?.columns, upstreams },
    format: { kind: "parquet" },
    columns: undefined,
    partitions: undefined,
    // A build compares it with the published version.
    timestamp: output === undefined ? (timestamp ?? (timestamp === null ? undefined : source.timestamp)) : output.timestamp,
    static: isStatic,
    hidden: false,
    description,
  };
}
