import * as v from "valibot";

/** How mlforge is given the labels. The other side always reads them from Parquet. */
export const labelForms = ["parquet", "csv", "ndjson", "objects", "arrow"] as const;

export type LabelForm = (typeof labelForms)[number];

export const trainingCaseSchema = v.object({
  labels: v.number(),
  /** Parquet where absent. */
  form: v.optional(v.picklist(labelForms)),
  features: v.number(),
  /** Of each feature. */
  featureRows: v.number(),
  /** What DuckDB may hold in memory; its own default where absent. */
  memoryLimit: v.optional(v.string()),
});

export type TrainingCase = v.InferOutput<typeof trainingCaseSchema>;

export const trainingJobSchema = v.object({
  side: v.picklist(["mlforge", "sql"]),
  labelsFile: v.string(),
  form: v.picklist(labelForms),
  features: v.number(),
  featureRows: v.number(),
  memoryLimit: v.optional(v.string()),
  folder: v.string(),
});

export type TrainingJob = v.InferOutput<typeof trainingJobSchema>;
