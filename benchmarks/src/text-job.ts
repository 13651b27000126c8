import * as v from "valibot";

/** What is read: text with declared columns, text whose columns are found, many small files, or a table of PostgreSQL. */
export const textTasks = ["csv", "csvInferred", "csvMany", "csvGzip", "ndjson", "postgres"] as const;

export const textJobSchema = v.object({
  side: v.picklist(["mlforge", "raw"]),
  task: v.picklist(textTasks),
  /** A file, a folder of files, or the connection string of a server that has the table `flights`. */
  paths: v.array(v.string()),
  /** The Parquet file to write. */
  target: v.string(),
});

export type TextJob = v.InferOutput<typeof textJobSchema>;
