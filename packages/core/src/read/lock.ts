import { columnKinds, isMlforgeError, MlforgeError, textCompressions, textEncodings, timeUnits } from "@mlforge/spec";
import * as v from "valibot";
import { parseDuration } from "../define/duration.js";
import { isName } from "../define/name.js";
import { typeEntries } from "../log/stored-type.js";
import { isVersion } from "../log/version.js";

/**
 * A record of exactly what a training set was made from. It is JSON, so it can be stored beside a model. The same lock returns the same rows.
 *
 * `labels` is absent if the labels were passed as values. Pass them again together with the lock.
 */
export type TrainingLock = v.InferOutput<typeof lockSchema>;

/** The lock version that this mlforge writes, and the newest that it reads. */
const lockVersion = 1;

const text = v.string();
const sha256 = v.pipe(text, v.regex(/^[0-9a-f]{64}$/, "is not a SHA-256"));

const textFile = { encoding: v.optional(v.picklist(textEncodings)), compression: v.optional(v.picklist(textCompressions)) };

const formatSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("parquet") }),
  v.strictObject({
    kind: v.literal("csv"),
    delimiter: v.optional(text),
    quote: v.optional(text),
    escape: v.optional(text),
    header: v.optional(v.boolean()),
    nullText: v.optional(v.union([text, v.pipe(v.array(text), v.readonly())])),
    skip: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    comment: v.optional(text),
    decimal: v.optional(v.picklist([".", ","])),
    ...textFile,
  }),
  v.strictObject({ kind: v.literal("ndjson"), ...textFile }),
]);

const columnSchema = v.object({
  ...typeEntries,
  encoding: v.optional(
    v.variant("kind", [
      v.strictObject({ kind: v.literal("iso") }),
      v.strictObject({ kind: v.literal("format"), formats: v.array(text) }),
      v.strictObject({ kind: v.literal("epoch"), unit: v.picklist(timeUnits) }),
    ]),
  ),
});

/** Columns by name. Accepts any name, unlike `v.record`, which skips some. */
const columnsSchema = v.pipe(
  v.custom<Readonly<Record<string, unknown>>>(
    (input) => typeof input === "object" && input !== null && !Array.isArray(input),
    "is not an object",
  ),
  v.transform((columns) => Object.entries(columns)),
  v.array(v.tuple([text, columnSchema])),
  v.transform((entries) => Object.fromEntries(entries)),
);

const labelFilesSchema = v.object({
  paths: v.pipe(v.array(text), v.minLength(1)),
  format: formatSchema,
  columns: v.optional(columnsSchema),
  partitions: v.optional(columnsSchema),
  hidden: v.optional(v.boolean()),
  fingerprint: sha256,
});

const labelQuerySchema = v.object({
  query: v.variant("kind", [
    v.object({ kind: v.literal("query"), connector: text, text }),
    v.object({ kind: v.literal("table"), connector: text, name: text }),
  ]),
  fingerprint: sha256,
});

function isQuery(labels: unknown): boolean {
  return typeof labels === "object" && labels !== null && "query" in labels;
}

const lockSchema = v.object({
  lock_version: v.literal(lockVersion),
  /** The label column that says when to predict. */
  timestamp: v.optional(text),
  allow_exact_matches: v.boolean(),
  /** The label files, identified by the SHA-256 over their contents, or the label query, identified by the fingerprint of its rows. */
  labels: v.optional(v.lazy((labels) => (isQuery(labels) ? labelQuerySchema : labelFilesSchema))),
  features: v.array(
    v.object({
      feature: v.pipe(
        text,
        v.check((name: string) => isName(name), "is not the name of a feature"),
      ),
      version: v.pipe(text, v.check(isVersion, "is not X.Y.Z")),
      commit_id: text,
      /** The columns of the feature, and their names in the training set. */
      columns: v.array(v.object({ name: text, as: text })),
      ttl: v.optional(v.pipe(text, v.check(isDuration, "is not a duration such as 7d"))),
      static: v.boolean(),
      /** By key, the label column that is joined to it. Only for keys whose label column has another name. */
      keys: v.optional(v.record(text, text)),
      /** Keys that are derived from other label columns, because the labels do not have them. */
      derived_keys: v.optional(
        v.array(v.object({ name: text, from: v.array(v.object({ name: text, kind: v.optional(v.picklist(columnKinds)) })) })),
      ),
      files: v.array(v.object({ path: text, size: v.number(), sha256 })),
    }),
  ),
});

function isDuration(candidate: string): boolean {
  try {
    parseDuration(candidate);
    return true;
  } catch (error) {
    if (isMlforgeError(error, "DEFINITION_INVALID")) return false;
    throw error;
  }
}

/** Parses a lock from JSON. `path` names it in errors. @throws LOCK_MISMATCH */
export function parseLock(json: unknown, path = "lock"): TrainingLock {
  const parsed = v.safeParse(lockSchema, json);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
  throw lockMismatch(path, "cannot be read as a lock", problems, "build without the lock to write a new one");
}

export function lockMismatch(path: string, what: string, problems: readonly string[], advice: string): MlforgeError<"LOCK_MISMATCH"> {
  return new MlforgeError("LOCK_MISMATCH", `${path} ${what}: ${problems.join("; ")}; ${advice}`, { path, problems });
}
