import * as v from "valibot";
import { columnEntries as column, error } from "./parts.js";

const encoding = v.variant("kind", [
  v.strictObject({ kind: v.literal("iso") }),
  v.strictObject({ kind: v.literal("format"), formats: v.array(v.string()) }),
  v.strictObject({ kind: v.literal("epoch"), unit: v.string() }),
]);

/** What `mlforge types --json` prints. */
export const typesDocument = v.strictObject({
  sources: v.array(
    v.strictObject({
      source: v.string(),
      /** Whether it declares columns. */
      declares: v.boolean(),
      passed: v.boolean(),
      columns: v.array(v.strictObject({ ...column, encoding: v.nullable(encoding) })),
      /** Columns of its files that no kind can hold. */
      omitted: v.array(v.strictObject({ column: v.string(), type: v.string() })),
      differences: v.array(
        v.strictObject({
          column: v.string(),
          difference: v.picklist(["missing", "kind", "read_as", "extra"]),
          declared: v.nullable(v.strictObject(column)),
          found: v.nullable(v.strictObject(column)),
          message: v.nullable(v.string()),
        }),
      ),
    }),
  ),
  failed: v.array(v.strictObject({ source: v.string(), error })),
  /** Null without --out, and where a source failed. */
  out: v.nullable(v.strictObject({ path: v.string(), outcome: v.picklist(["written", "current", "stale"]) })),
});
