import * as v from "valibot";
import { columnEntries, count, error, version } from "./parts.js";

const timestamp = v.pipe(v.string(), v.isoTimestamp());
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/));

/** What `mlforge manifest --json` prints. */
export const manifestDocument = v.strictObject({
  layout_version: v.literal(1),
  generated_at: timestamp,
  store: v.strictObject({ name: v.string(), url: v.string() }),
  features: v.array(
    v.strictObject({
      name: v.string(),
      latest: v.nullable(version),
      held: v.boolean(),
      versions: v.array(
        v.strictObject({
          version,
          created_at: timestamp,
          rows: count,
          bytes: count,
          change: v.picklist(["initial", "major", "minor", "patch"]),
          keys: v.array(v.string()),
          timestamp: v.nullable(v.string()),
          columns: v.array(v.strictObject({ ...columnEntries, dtype: v.string() })),
          content_hash: hash,
          schema_hash: hash,
          config_hash: hash,
          source_hash: hash,
          path: v.string(),
          files: v.array(
            v.strictObject({
              path: v.string(),
              size: count,
              sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
              etag: v.optional(v.string()),
            }),
          ),
        }),
      ),
      broken: v.array(v.strictObject({ version: v.nullable(version), key: v.string(), error })),
    }),
  ),
});
