import * as v from "valibot";
import { change, columnEntries, count, error, failed, seconds, value, version } from "./parts.js";

/** The documents that \`--json\` prints, key for key: a key more or less fails. */
const names = v.array(v.string());

const rule = v.strictObject({
  name: v.string(),
  rule: v.string(),
  column: v.optional(v.string()),
  severity: v.picklist(["error", "warn"]),
  rows: count,
  failed: count,
  tolerated: count,
  passed: v.boolean(),
  examples: v.array(v.record(v.string(), v.nullable(v.string()))),
});
const omitted = v.strictObject({ source: v.string(), column: v.string(), type: v.string() });
const built = v.strictObject({
  feature: v.string(),
  version,
  change,
  reason: v.string(),
  rows: count,
  bytes: count,
  periods: v.nullable(v.strictObject({ computed: count, kept: count, new_bytes: count, whole: v.nullable(v.string()) })),
  path: v.string(),
  seconds,
  warnings: v.array(rule),
  omitted: v.array(omitted),
  notices: v.array(v.string()),
  volatile: v.boolean(),
});
const skipped = v.strictObject({ feature: v.string(), version, reason: v.string(), seconds });
const inputs = v.array(v.strictObject({ feature: v.string(), version }));

export const buildDocument = v.strictObject({
  built: v.array(built),
  skipped: v.array(skipped),
  failed: v.array(failed),
  cancelled: names,
});

export const validateDocument = v.strictObject({
  validated: v.array(v.strictObject({ feature: v.string(), rows: count, passed: v.boolean(), rules: v.array(rule) })),
  failed: v.array(failed),
});

export const errorDocument = v.strictObject({ error });

export const versionsDocument = v.strictObject({
  feature: v.string(),
  latest: v.nullable(version),
  versions: v.array(
    v.strictObject({ version, change, rows: count, bytes: count, created_at: v.pipe(v.string(), v.isoTimestamp()), inputs }),
  ),
  broken: v.array(v.strictObject({ version, error })),
});

const column = v.strictObject(columnEntries);

const feature = v.strictObject({
  name: v.string(),
  keys: names,
  entities: names,
  source: v.string(),
  tags: names,
  rolling: v.array(v.strictObject({ every: v.string(), windows: names, aggregations: v.record(v.string(), names) })),
  ttl: v.nullable(v.string()),
  static: v.boolean(),
  description: v.nullable(v.string()),
});
export const entityDocument = v.strictObject({
  name: v.string(),
  keys: names,
  from: v.nullable(v.array(v.strictObject({ name: v.string(), kind: v.nullable(v.string()) }))),
  description: v.nullable(v.string()),
});
const describedSource = v.strictObject({
  name: v.string(),
  paths: names,
  format: v.nullable(v.looseObject({ kind: v.string() })),
  query: v.nullable(
    v.strictObject({
      connector: v.string(),
      rows: v.variant("kind", [
        v.strictObject({ kind: v.literal("query"), text: v.string() }),
        v.strictObject({ kind: v.literal("table"), name: v.string() }),
      ]),
      fingerprint: v.variant("kind", [
        v.strictObject({ kind: v.literal("rows") }),
        v.strictObject({ kind: v.literal("query"), text: v.string() }),
      ]),
    }),
  ),
  timestamp: v.nullable(v.string()),
  static: v.boolean(),
  columns: v.nullable(v.array(column)),
  partitions: v.array(column),
  description: v.nullable(v.string()),
});
export const sourceDocument = v.strictObject({
  ...describedSource.entries,
  /** Columns of its files that no kind can hold; null where it declares its columns, or its files cannot be read. */
  omitted: v.nullable(v.array(v.strictObject({ column: v.string(), type: v.string() }))),
});
export const featuresDocument = v.strictObject({ features: v.array(feature) });
export const entitiesDocument = v.strictObject({ entities: v.array(entityDocument) });
export const sourcesDocument = v.strictObject({ sources: v.array(describedSource) });

export const featureDocument = v.strictObject({
  feature: v.string(),
  version: v.nullable(version),
  path: v.nullable(v.string()),
  definition: feature,
  metadata: v.nullable(
    v.looseObject({
      version,
      row_count: count,
      files: v.array(v.looseObject({ sha256: v.string() })),
      timeless: v.optional(v.array(v.strictObject({ step: v.string(), reason: v.string() }))),
      volatile: v.optional(v.boolean()),
    }),
  ),
});

export const previewDocument = v.strictObject({
  feature: v.string(),
  version: v.nullable(version),
  columns: v.array(column),
  rows: v.array(v.record(v.string(), value)),
});

export const trainingDocument = v.strictObject({
  path: v.string(),
  rows: count,
  columns: v.array(column),
  features: v.array(v.strictObject({ feature: v.string(), version })),
  warnings: v.array(v.strictObject({ feature: v.string(), message: v.string() })),
  lock: v.nullable(v.string()),
});

const printable = v.record(v.string(), value);
const known = v.strictObject({ known_at: v.nullable(v.string()), values: printable });
export const explainDocument = v.strictObject({
  row: printable,
  at: v.nullable(v.string()),
  features: v.array(
    v.strictObject({
      feature: v.string(),
      version,
      inputs,
      keys: printable,
      outcome: v.string(),
      newest: v.nullable(known),
      earlier: count,
      later: v.strictObject({ count, first: v.array(known) }),
    }),
  ),
});
