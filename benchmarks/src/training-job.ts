import * as v from "valibot";

export const trainingCaseSchema = v.object({
  labels: v.number(),
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
  features: v.number(),
  featureRows: v.number(),
  memoryLimit: v.optional(v.string()),
  folder: v.string(),
});

export type TrainingJob = v.InferOutput<typeof trainingJobSchema>;
