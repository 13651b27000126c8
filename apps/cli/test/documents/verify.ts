import * as v from "valibot";
import { count, leftoverKind, version } from "./parts.js";

const finding = { feature: v.optional(v.string()), version: v.optional(version), key: v.string(), message: v.string() };

/** What `mlforge verify --json` prints. */
export const verifyDocument = v.strictObject({
  features: count,
  versions: count,
  files: count,
  bytes: count,
  problems: v.array(
    v.strictObject({
      kind: v.picklist([
        "metadata-missing",
        "metadata-invalid",
        "metadata-misplaced",
        "layout-unsupported",
        "data-missing",
        "data-size",
        "data-hash",
        "pointer-missing",
        "pointer-invalid",
        "pointer-misplaced",
        "pointer-history",
        "pointer-pruned",
        "claim-invalid",
        "claim-misplaced",
        "claim-abandoned",
        "gitignore-missing",
        "gitignore-altered",
        "manifest-invalid",
        "python-metadata",
        "unreadable",
        "stray",
      ]),
      ...finding,
      fix: v.string(),
    }),
  ),
  notes: v.array(v.strictObject({ kind: v.picklist(["build-running", "pruned-remains", "claim-missing"]), ...finding })),
  leftovers: v.array(v.strictObject({ kind: leftoverKind, location: v.string(), key: v.optional(v.string()) })),
});
