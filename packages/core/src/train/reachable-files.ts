import { column, type Engine, type Plan } from "@mlforge/spec";
import { parseDuration } from "../define/duration.js";
import type { VersionMetadata } from "../log/metadata.js";
import { dayAt, microsecondsOfDay, periodNamed } from "../periods/period.js";
import { onlyResult } from "../read/small-result.js";
import type { ChosenFeature } from "./chosen-feature.js";

/**
 * Omits the files of periods that no label can see: those after the last label, and those whose ttl ended before the first label. Reads the times of the
 * labels only if a feature has periods.
 */
export async function withReachableFiles(
  features: readonly ChosenFeature[],
  labels: Plan,
  timestamp: string | undefined,
  engine: Engine,
  signal?: AbortSignal,
): Promise<readonly ChosenFeature[]> {
  if (timestamp === undefined || !features.some(({ metadata }) => metadata.periods !== undefined && metadata.files.length > 1))
    return features;
  const times: Plan = {
    op: "project",
    input: labels,
    columns: [{ name: "at", value: { expr: "cast", value: column(timestamp), to: { kind: "timestamp" } } }],
  };
  const aggregates = (["min", "max"] as const).map((name) => ({ name, value: { function: name, input: column("at") } }));
  const { min, max } = await onlyResult(engine, { op: "aggregate", input: times, keys: [], aggregates }, signal);
  // A label without a time sees no rows.
  if (typeof min !== "bigint" || typeof max !== "bigint") return features;
  return features.map((feature) => ({ ...feature, metadata: withFiles(feature.metadata, min, max, feature.ttl) }));
}

function withFiles(metadata: VersionMetadata, first: bigint, last: bigint, ttl: string | undefined): VersionMetadata {
  const { files, periods, partition } = metadata;
  if (periods === undefined || partition === undefined) return metadata;
  const names = new Map(periods.map(({ path, period }) => [path, period]));
  const oldest = ttl === undefined ? undefined : first - parseDuration(ttl);
  const reachable = files.filter(({ path }) => {
    const period = periodNamed(names.get(path) ?? "", partition);
    if (period === undefined) return true;
    return period.start <= dayAt(last) && (oldest === undefined || BigInt(period.end) * microsecondsOfDay > oldest);
  });
  // A scan reads at least one file.
  return { ...metadata, files: reachable.length === 0 ? files.slice(0, 1) : reachable };
}
