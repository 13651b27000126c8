import * as v from "valibot";

export const s3Tasks = ["upload", "download", "columns"] as const;

export const s3JobSchema = v.object({
  side: v.picklist(["mlforge", "sdk"]),
  task: v.picklist(s3Tasks),
  endpoint: v.string(),
  /** What is uploaded, and in the server under {@link dataKey}. */
  file: v.string(),
  /** Empty; for what is downloaded. */
  folder: v.string(),
});

export type S3Job = v.InferOutput<typeof s3JobSchema>;

/** The key of the data file of the version. */
export const dataKey = "wide/1.0.0/data.parquet";

/** What both sides upload with: the store's own defaults. */
export const uploadSettings = { partSize: 8 * 1_024 ** 2, concurrency: 4 };

/** The only bucket of the server. */
export const bucket = "benchmark";

/** The name of a column of the version, after its key `id`. */
export function columnName(column: number): string {
  return `v${column}`;
}
